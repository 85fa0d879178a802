"""What is the same for all: the documents, the model, and how a server is started and asked."""

import http.client
import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks.load.prepare import HANDBOOK

PATIENCE = 600.0
"""Seconds for a server to start; those with PyTorch take minutes on a busy machine."""


@dataclass(frozen=True, slots=True)
class Peer:
    name: str
    settings: str
    """What it was given, for the report."""
    process: psutil.Process
    address: str
    path: str
    headers: str
    body: Callable[[str, bool], Mapping[str, Any]]
    """Question, whether it is streamed → JSON."""
    mark: bytes = b'"delta"'
    """Begins the first words of a stream."""
    end: bytes = b"[DONE]"
    whole: bytes = b"content"
    """Is in every JSON answer."""
    accept: str = "application/json"
    """Of a stream."""
    sources: bytes = b""
    """Is in every stream that rests on documents, where it tells of them."""


def pages() -> list[Path]:
    return sorted(HANDBOOK.rglob("*.md"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def started(command: list[str], environment: Mapping[str, str], home: Path, ready: tuple[int, str]) -> Iterator[int]:
    """The number of a process that answers with 200 at this port and path. Its log is in the folder."""
    with (
        (home / "log.txt").open("w") as log,
        subprocess.Popen(  # noqa: S603 - what we installed
            command, cwd=home, env={**clean(), **environment}, stdout=log, stderr=log
        ) as process,
    ):
        try:
            _await(process, *ready)
            yield process.pid
        finally:
            for child in psutil.Process(process.pid).children(recursive=True):
                child.terminate()
            process.terminate()


def clean() -> dict[str, str]:
    """What this process was given, without what other products would take for their own."""
    own = ("DATABASE_URL", "REDIS_URL", "PYTHONPATH", "DJANGO_SETTINGS_MODULE")
    return {name: value for name, value in os.environ.items() if name not in own}


def _await(process: "subprocess.Popen[bytes]", port: int, path: str) -> None:
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        try:
            if call(port, "GET", path)[0] == 200:
                return
        except OSError:
            time.sleep(0.5)
    raise RuntimeError(f"{process.args!r} did not start; see its log.")


def call(port: int, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """Status, and the JSON that is answered. Bytes are sent as they are."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    kinds = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, content, {"Content-Type": "application/json", **kinds})
    response = connection.getresponse()
    said = response.read()
    connection.close()
    try:
        return response.status, json.loads(said)
    except ValueError:
        return response.status, said.decode(errors="replace")
