"""A mail server that keeps what it is given. It speaks as much of SMTP (RFC 5321) as a client needs to deliver."""

import socketserver
import threading
from email import message_from_bytes
from email.message import Message
from typing import Any, Self


class _Session(socketserver.StreamRequestHandler):
    server: "LoopbackSmtp"

    def handle(self) -> None:
        self._say("220 loopback")
        for line in self.rfile:
            word = line.split()[0].upper()
            if word == b"RCPT" and self.server.refuses:
                self._say("550 no such mailbox as that of ada@example.org")
            elif word == b"DATA":
                self._say("354 go on")
                self.server.messages.append(message_from_bytes(self._text()))
                self._say("250 taken")
            elif word == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def _text(self) -> bytes:
        lines = iter(self.rfile.readline, b".\r\n")
        return b"".join(line.removeprefix(b".") if line.startswith(b"..") else line for line in lines)


class LoopbackSmtp(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.port: int = self.server_address[1]
        self.messages: list[Message[str, str]] = []
        self.refuses = False

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=[0.02], daemon=True).start()
        return self

    def __exit__(self, *told: Any) -> None:
        self.shutdown()
        self.server_close()
