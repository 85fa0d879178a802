"""The child process that files are parsed in: python -m documents.parser, started by documents/sandbox.py.

It reads requests from its input and answers each in turn. Both are frames: a length, then JSON; the bytes of a file
follow its request. Django is not set up here, and nothing of the environment but what a program needs to run.
"""

import ctypes
import json
import logging
import os
import resource
import select
import signal
import struct
import sys
from contextlib import suppress
from dataclasses import astuple
from typing import Any, BinaryIO

from documents.errors import BrokenFile, FileTooLarge, LoadError
from documents.loaders import pdf_ocr
from documents.reading import read

LENGTH = struct.Struct(">Q")
_PDEATHSIG = 1
_MOST_WRITTEN = 200_000_000
_OUT_OF_MEMORY: dict[str, Any] = {
    "code": FileTooLarge.code,
    "detail": "Reading the file takes more memory than it may.",
}


def main() -> None:
    memory, idle = int(sys.argv[1]), float(sys.argv[2])
    _die_with_parent()
    requests, answers = _private_pipes()
    _limit(memory)
    lines = _Lines()
    logging.basicConfig(level=logging.INFO, handlers=[lines], format="%(name)s: %(message)s")
    # Between two requests nothing is buffered, so the pipe itself tells whether there is another.
    while select.select([requests], [], [], idle)[0] and (request := _request(requests)):
        data = requests.read(request["size"])
        _limit_time(request["seconds"])
        answer = _answer(data, request)
        del data
        peak = _peak()
        if answer.get("code") == BrokenFile.code and peak > 0.8 * memory:
            answer = {**_OUT_OF_MEMORY}  # many libraries call it a fault of the file when they get no more
        # What a large file leaves behind is not worth finding out: a new process has none of it.
        answer["used_up"] = peak > memory // 2
        answer["log"], lines.kept = lines.kept, []
        _send(answers, answer)


def _answer(data: bytes, request: dict[str, Any]) -> dict[str, Any]:
    pdf_ocr.enabled = request["ocr"]
    try:
        document = read(data, request["name"])
        return {"title": document.title, "blocks": [astuple(block) for block in document.blocks]}
    except LoadError as error:
        return {"code": error.code, "detail": error.detail}
    except MemoryError:
        return {**_OUT_OF_MEMORY}


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pipes to the parent, out of reach of what parsers, and programs that they start, read and print."""
    requests, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    return os.fdopen(requests, "rb"), os.fdopen(answers, "wb")


def _request(requests: BinaryIO) -> dict[str, Any] | None:
    length = requests.read(LENGTH.size)
    if len(length) < LENGTH.size:
        return None  # the parent is gone
    request: dict[str, Any] = json.loads(requests.read(*LENGTH.unpack(length)))
    return request


def _send(answers: BinaryIO, answer: dict[str, Any]) -> None:
    body = json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace")
    answers.write(LENGTH.pack(len(body)))
    answers.write(body)
    answers.flush()


def _die_with_parent() -> None:
    """Linux only; elsewhere the end of the input ends an idle process, and its time limit a busy one."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGKILL)


def _limit(memory: int) -> None:
    limits = {"RLIMIT_DATA": memory, "RLIMIT_CORE": 0, "RLIMIT_NOFILE": 128, "RLIMIT_FSIZE": _MOST_WRITTEN}
    for name, value in limits.items():
        with suppress(AttributeError, ValueError, OSError):  # not every system has each, or lets it be set
            resource.setrlimit(getattr(resource, name), (value, value))


def _limit_time(seconds: int) -> None:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    until = int(usage.ru_utime + usage.ru_stime) + seconds + 1
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))


def _peak() -> int:
    """The most memory that this process held, in bytes."""
    try:
        # getrusage would begin with what the parent holds.
        with open("/proc/self/status", "rb") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith(b"VmHWM"))
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class _Lines(logging.Handler):
    """Keeps what is logged, for the parent to log."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[tuple[int, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        if len(self.kept) < 20:
            self.kept.append((record.levelno, self.format(record).replace("\n", " ")[:1000]))


if __name__ == "__main__":
    main()
