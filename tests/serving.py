"""The product behind a real ASGI server, in a thread of the test's process: with its database, settings and caches."""

import asyncio
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

import uvicorn
from rest_framework.test import APIClient

from config.handler import Handler

SSE = "text/event-stream"
Event = tuple[str, dict[str, Any]]


class Served:
    """Use as a context manager. The test's database must be one that its threads share (``transaction=True``)."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            Handler(), log_level="critical", log_config=None, timeout_graceful_shutdown=1, loop="asyncio"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=asyncio.run, args=[self._server.serve([self._socket])])

    def __enter__(self) -> Self:
        self._socket.listen(256)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()


class Stream:
    """The events of an answer."""

    def __init__(self, port: int, client: APIClient, path: str, body: dict[str, Any] | None) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        headers = {"Accept": SSE, "Content-Type": "application/json"}
        headers["Authorization"] = client._credentials["HTTP_AUTHORIZATION"]  # type: ignore[attr-defined]
        self._connection.request("POST", path, json.dumps(body or {}), headers)
        self.response = self._connection.getresponse()
        self.comments = 0

    def __iter__(self) -> Iterator[Event]:
        name = ""
        for line in self.response:
            text = line.decode().rstrip("\n")
            if text.startswith(":"):
                self.comments += 1
            elif text.startswith("event: "):
                name = text[7:]
            elif text.startswith("data: "):
                yield name, json.loads(text[6:])

    def until(self, name: str) -> dict[str, Any]:
        """The first event of this name from here on."""
        return next(body for told, body in self if told == name)

    def leave(self) -> None:
        """Go away, as a closed browser does."""
        self.response.close()
        self._connection.close()


@contextmanager
def streamed(port: int, client: APIClient, content: str, path: str = "/api/chat/messages/") -> Iterator[Stream]:
    stream = Stream(port, client, path, {"content": content})
    try:
        yield stream
    finally:
        stream.leave()


def soon(holds: Callable[[], bool], seconds: float = 30) -> float:
    """After how many seconds it holds."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds
        threading.Event().wait(0.02)
    return time.monotonic() - began


def shown(events: list[Event]) -> str:
    """The text as a reader sees it in the end: what is told after the last restart."""
    text = ""
    for name, body in events:
        text = "" if name == "restart" else text + body.get("text", "") if name == "delta" else text
    return text.strip()
