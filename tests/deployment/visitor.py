"""Somebody who uses an installation from outside: over HTTPS, through its proxy."""

import http.client
import json
import socket
import ssl
import time
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from tests.deployment.machine import NAME
from tests.loopback.website import CERTIFICATE
from tests.serving import SSE

Headers = dict[str, str]


@dataclass
class Stream:
    """When which event came, in seconds from the question."""

    events: list[tuple[float, str]] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return bool(self.events) and self.events[-1][1] == "done"

    @property
    def seconds(self) -> float:
        """From the first delta to the last."""
        deltas = [second for second, name in self.events if name == "delta"]
        return deltas[-1] - deltas[0]


class Visitor:
    def __init__(self, port: int) -> None:
        self._port = port
        self._trust = ssl.create_default_context(cafile=str(CERTIFICATE))
        self.headers: Headers = {}

    def connection(self) -> http.client.HTTPSConnection:
        connection = http.client.HTTPSConnection(NAME, timeout=60, context=self._trust)
        # By its name, but here.
        connection._create_connection = lambda *_, **__: socket.create_connection(("127.0.0.1", self._port), 60)  # type: ignore[attr-defined]
        return connection

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        data = body if isinstance(body, bytes) or body is None else json.dumps(body)
        kind = {"Content-Type": "application/json"} if data is not None else {}
        with closing(self.connection()) as connection:
            connection.request(method, path, data, kind | self.headers | headers)
            response = connection.getresponse()
            read = response.read()
        told = response.headers.get("Content-Type", "")
        return response.status, json.loads(read) if "json" in told else read

    def finds_it_alive(self) -> bool:
        """Whoever comes while it starts is kept waiting, and may give up."""
        try:
            return self.ask("GET", "/api/health/")[0] == 200
        except OSError:
            return False

    def log_in(self, name: str, password: str) -> None:
        status, body = self.ask("POST", "/api/auth/login/", {"username": name, "password": password})
        assert status == 200, body
        self.headers = {"Authorization": f"Bearer {body['access']}"}

    def listen(self, question: str) -> Stream:
        """To the end."""
        connection, stream, began = self.connection(), Stream(), time.monotonic()
        headers = {"Accept": SSE, "Content-Type": "application/json"} | self.headers
        connection.request("POST", "/api/chat/messages/", json.dumps({"content": question}), headers)
        response = connection.getresponse()
        assert response.status == 200, response.read()
        for line in response:
            if line.startswith(b"event: "):
                stream.events.append((time.monotonic() - began, line[7:].decode().strip()))
        connection.close()
        return stream

    def leave(self, question: str) -> str:
        """In the midst of an answer. Returns the answer's id."""
        connection = self.connection()
        headers = {"Accept": SSE, "Content-Type": "application/json"} | self.headers
        connection.request("POST", "/api/chat/messages/", json.dumps({"content": question}), headers)
        response = connection.getresponse()
        key = ""
        for line in response:
            if line.startswith(b"data: ") and not key:
                key = json.loads(line[6:])["message_id"]
            if line.startswith(b"event: delta"):
                break
        response.close()
        connection.close()
        return key

    def upload(self, name: str, data: bytes) -> tuple[int, Any]:
        head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = head.encode() + data + b"\r\n--x--\r\n"
        return self.ask("POST", "/api/rag/index/", body, **{"Content-Type": "multipart/form-data; boundary=x"})

    def announce(self, size: int) -> int:
        """The status that an upload of so many bytes gets before it is sent."""
        connection = self.connection()
        connection.putrequest("POST", "/api/rag/index/")
        for name, value in {**self.headers, "Content-Type": "multipart/form-data; boundary=x"}.items():
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(size))
        connection.endheaders()
        status = connection.getresponse().status
        connection.close()
        return status
