"""What goes over the wire of a loopback service: requests, replies, streams, and how each of them can fail."""

import json
import select
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from tests.loopback.server import LoopbackServer

FailureKind = Literal[
    "rate_limit",  # 429, with Retry-After if one is given
    "error",  # 500
    "slow",  # answers after `seconds`
    "hang",  # takes the request and never answers
    "stall",  # a stream that falls silent after its first events
    "drip",  # a stream, or a body, that comes piece by piece, `seconds` apart
    "truncate",  # a stream that ends cleanly before its last events
    "cut",  # a reset connection in the middle of an event or a body
    "malformed",  # an event or a body that is not JSON
    "wrong_count",  # one item too few; what that means is the service's own
    "wrong_length",  # vectors that are shorter than they should be; the service's own part too
]

_GOOD_EVENTS = 2
"""So many events of a stream come before it stalls, is cut or holds something malformed."""


@dataclass(frozen=True, slots=True)
class Failure:
    kind: FailureKind
    retry_after: str | float | None = None
    """The header as it is sent: seconds or an HTTP date."""
    seconds: float = 0.05


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    """One value of each parameter; all of them are in ``parameters``."""
    headers: Mapping[str, str]
    """Names in lower case."""
    json: Any = None
    parameters: tuple[tuple[str, str], ...] = ()
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    body: Any
    """Bytes go as they are, all else as JSON."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EventStream:
    """Server-sent events, by their data lines; the first ``essential`` of them are what "truncate" sends."""

    events: list[str]
    essential: int


class HTTPServer(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], service: "LoopbackServer") -> None:
        self.service = service
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.service.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.service.connections.discard(request)
        super().shutdown_request(request)


class _Gone(Exception):
    """The client went away, the server stops, or the connection was broken on purpose."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: HTTPServer

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (_Gone, ConnectionError):
            self.close_connection = True

    def _handle(self) -> None:
        service = self.server.service
        request = self._read()
        if request.path == "/_control":
            self._send(service.control(request), None)
            return
        service.requests.append(request)
        failure = service.next_failure()
        kind = failure.kind if failure else None
        if kind == "hang":
            self._wait(None)
        elif kind == "rate_limit":
            reply = service.error_reply(429, "Requests rate limit exceeded")
            retry_after = failure.retry_after if failure else None
            headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
            self._send(Reply(reply.body, 429, headers), None)
        elif kind == "error":
            self._send(service.error_reply(500, "Internal server error"), None)
        else:
            if failure and kind == "slow":
                self._wait(failure.seconds)
            answer = service.answer(request, failure)
            if isinstance(answer, EventStream):
                with service.counted_stream():
                    self._stream(answer, failure)
            else:
                self._send(answer, failure)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = _handle

    def _read(self) -> Request:
        parts = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        # Whatever a client calls it: curl calls everything a form. Git's bodies and real forms are none.
        is_json = raw[:1] in (b"{", b"[")
        return Request(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query)),
            headers=headers,
            json=json.loads(raw) if is_json else None,
            parameters=tuple(parse_qsl(parts.query, keep_blank_values=True)),
            raw=raw,
        )

    def _send(self, reply: Reply, failure: Failure | None) -> None:
        kind = failure.kind if failure else None
        body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        if kind == "malformed":
            body = b'{"data": [{"ind'
        self.send_response(reply.status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **reply.headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if kind == "cut":
            self.wfile.write(body[: len(body) // 2])
            self._reset_connection()
        elif kind == "drip" and failure:
            step = max(1, len(body) // 20)
            for start in range(0, len(body), step):
                self._wait(failure.seconds)
                self.wfile.write(body[start : start + step])
        else:
            self.wfile.write(body)

    def _stream(self, stream: EventStream, failure: Failure | None) -> None:
        kind = failure.kind if failure else None
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        events = stream.events[: stream.essential] if kind == "truncate" else stream.events
        for position, event in enumerate(events):
            if position == _GOOD_EVENTS and kind == "stall":
                self._wait(None)
            elif position == _GOOD_EVENTS and kind == "cut":
                self.wfile.write(b"ff\r\ndata: {")
                self._reset_connection()
            elif position == _GOOD_EVENTS and kind == "malformed":
                self._chunk('{"id": "cmpl", "choi')
            self._chunk(event)
            self._wait(failure.seconds if failure and kind == "drip" else 0)
        self.wfile.write(b"0\r\n\r\n")

    def _chunk(self, event: str) -> None:
        data = f"data: {event}\n\n".encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def _wait(self, seconds: float | None) -> None:
        """Wait (None: for ever) and notice meanwhile that the client goes away or the server stops."""
        waited = 0.0
        while not self.server.service.stopping.is_set():
            step = 0.05 if seconds is None else min(0.05, seconds - waited)
            if select.select([self.connection], [], [], max(0.0, step))[0]:
                break  # Nothing more is due from a client that awaits its answer: this is its good-bye.
            waited += step
            if seconds is not None and waited >= seconds:
                return
        raise _Gone

    def _reset_connection(self) -> None:
        # Lingering for no time makes the close a TCP reset.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        raise _Gone

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Quiet."""
