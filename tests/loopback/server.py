"""A small HTTP service on 127.0.0.1 that can fail on demand: the base of the stand-ins for outside services.

A service subclasses :class:`LoopbackServer` and answers a :class:`Request` with a :class:`Reply` or an
:class:`EventStream`. Tests use it as a context manager and break it with :meth:`LoopbackServer.fail_next` or
:attr:`LoopbackServer.behaviour`; a server run by hand takes the same over HTTP (``/_control``).
"""

import argparse
import socket
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import Self

from tests.loopback.wire import EventStream, Failure, FailureKind, HTTPServer, Reply, Request

__all__ = ["EventStream", "Failure", "FailureKind", "LoopbackServer", "Reply", "Request"]


class LoopbackServer:
    def __init__(self, port: int = 0, key: str = "loopback-key") -> None:
        self.key = key
        self.requests: list[Request] = []
        """What was asked, oldest first, the control endpoint left out."""
        self.behaviour: Failure | None = None
        """Met by every request that has no failure of its own waiting."""
        self._failures: deque[Failure] = deque()
        self._changed = threading.Condition()
        self._open_streams = 0
        self.connections: set[socket.socket] = set()
        self.stopping = threading.Event()
        self._http = HTTPServer(("127.0.0.1", port), self)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})

    def answer(self, request: Request, failure: Failure | None) -> Reply | EventStream:
        """The service's own answer. Most failures are staged by this class; ``wrong_count`` is the subclass's part."""
        raise NotImplementedError

    def error_reply(self, status: int, detail: str) -> Reply:
        """An error in the service's own shape."""
        return Reply({"error": detail}, status)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def fail_next(
        self, kind: FailureKind, *, times: int = 1, retry_after: str | float | None = None, seconds: float = 0.05
    ) -> None:
        """Fail the next requests; calls queue up behind each other."""
        self._failures.extend([Failure(kind, retry_after, seconds)] * times)

    def reset(self) -> None:
        """As new: no failures, nothing recorded."""
        self._failures.clear()
        self.behaviour = None
        self.requests.clear()

    @property
    def open_streams(self) -> int:
        return self._open_streams

    def wait_for_streams(self, count: int, timeout: float = 5) -> bool:
        """Whether ``count`` streams are open, now or within ``timeout`` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._open_streams == count, timeout)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Nothing answers at the address any more. May be called twice."""
        self.stopping.set()
        self._http.shutdown()
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._http.server_close()  # joins the threads of its connections
        self._thread.join()

    @classmethod
    def run(cls) -> None:
        """The command line of a service run by hand, until Ctrl-C."""
        parser = argparse.ArgumentParser(description=cls.__doc__)
        parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
        parser.add_argument("--key", default="loopback-key", help="the API key that is taken")
        parser.add_argument("--slow", type=float, default=0, metavar="SECONDS", help="before each answer")
        arguments = parser.parse_args()
        with cls(arguments.port, arguments.key) as server, suppress(KeyboardInterrupt):
            if arguments.slow:
                server.behaviour = Failure("slow", seconds=arguments.slow)
            print(f"{server.url}  key: {server.key}  control: {server.url}/_control", flush=True)  # noqa: T201
            server.stopping.wait()

    def next_failure(self) -> Failure | None:
        with suppress(IndexError):
            return self._failures.popleft()
        return self.behaviour

    def control(self, request: Request) -> Reply:
        """GET: what happened. POST ``{kind, times?, retry_after?, seconds?, always?}``: fail. DELETE: as new."""
        if request.method == "DELETE":
            self.reset()
        elif request.method == "POST":
            switches = dict(request.json)
            if switches.pop("always", False):
                self.behaviour = Failure(**switches)
            else:
                self.fail_next(**switches)
        return Reply(
            {
                "requests": len(self.requests),
                "open_streams": self.open_streams,
                "failures": [asdict(failure) for failure in self._failures],
                "behaviour": self.behaviour and asdict(self.behaviour),
            }
        )

    @contextmanager
    def counted_stream(self) -> Iterator[None]:
        self._count_stream(+1)
        try:
            yield
        finally:
            self._count_stream(-1)

    def _count_stream(self, change: int) -> None:
        with self._changed:
            self._open_streams += change
            self._changed.notify_all()
