"""Files are parsed in a process of their own: whatever a file does to its parser, the worker lives on.

A parser (documents/parser.py) is started when the first file needs it and reads many. It is started anew when it
died, was stopped at a limit, took much memory, has read RECYCLED_AFTER files, or had none for IDLE seconds. Each
thread has its own, which ends with the thread.
"""

import atexit
import json
import logging
import os
import select
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from documents.blocks import Block, LoadedDocument
from documents.errors import BrokenFile, FileTooLarge, LoadError, TooSlow, load_error

logger = logging.getLogger(__name__)

RECYCLED_AFTER = 500
MEMORY = 320_000_000
"""Bytes of a parser's own data, where the system can limit it (Linux); what it takes in all stays below 350 MB."""
IDLE = 30
"""Seconds without a file after which a parser ends by itself."""
MOST_OUTPUT = 100_000_000
"""Bytes."""
_ROOT = Path(__file__).resolve().parent.parent
# No key and no address of a database is handed on. The last two tell tests what of a child is run.
_ENVIRONMENT = frozenset(
    "PATH HOME TMPDIR LANG LC_ALL LC_CTYPE TZ LD_LIBRARY_PATH DYLD_LIBRARY_PATH PYTHONPATH PYTHONHASHSEED "
    "SSL_CERT_FILE SSL_CERT_DIR TESSDATA_PREFIX COVERAGE_PROCESS_START COVERAGE_PROCESS_CONFIG".split()
)
_CHUNK = 1 << 20
_parsers: "weakref.WeakSet[Parser]" = weakref.WeakSet()


def plain_environment() -> dict[str, str]:
    """What a process of ours needs of this one's environment, without anything that is secret."""
    return {name: value for name, value in os.environ.items() if name in _ENVIRONMENT}


class Parser:
    """A parser process. To be used by the thread that made it: on Linux the process ends when that thread does."""

    def __init__(self, memory: int = MEMORY, idle: float = IDLE) -> None:
        self.memory, self.idle = memory, idle
        self._process: subprocess.Popen[bytes] | None = None
        self._files = 0
        _parsers.add(self)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def load(self, data: bytes, name: str, *, ocr: bool = True, seconds: int = 60) -> LoadedDocument:
        """The blocks of a file. Raises LoadError."""
        if self._files >= RECYCLED_AFTER or (self._process and _hung_up(self._process)):
            self.close()
        request = json.dumps({"name": name[-1000:], "size": len(data), "ocr": ocr, "seconds": seconds}).encode()
        try:
            answer = self._ask((len(request).to_bytes(8) + request, data), time.monotonic() + seconds)
        except BaseException:
            self._stop()
            raise
        for level, line in answer["log"]:
            logger.log(level, "%s", line)
        if answer["used_up"]:
            self.close()
        if "code" in answer:
            raise load_error(answer["code"], answer["detail"])
        return LoadedDocument(answer["title"], tuple(Block(*fields) for fields in answer["blocks"]))

    def close(self) -> None:
        """Let an idle process tidy up and end."""
        if self._process is not None:
            _pipes(self._process)[0].close()
            _await_end(self._process)
        self._stop()

    __del__ = close

    def _stop(self) -> None:
        """End the process, whatever it does, and all that it started."""
        process, self._process, self._files = self._process, None, 0
        if process is not None:
            _kill(process)

    def _ask(self, request: Sequence[bytes], until: float) -> dict[str, Any]:
        for attempt in range(2):
            process = self._process or self._start()
            self._files += 1
            try:
                return _exchange(process, request, until)
            except (EOFError, BrokenPipeError):
                error = _why_it_died(process)
                self._stop()
                # It ended by itself, having had nothing to do, just when there was something; or somebody killed it,
                # as a system does that runs out of memory, whoever took it. A file that is at fault is so again.
                if process.returncode not in (0, -signal.SIGKILL) or attempt:
                    raise error from None
        raise error

    def _start(self) -> "subprocess.Popen[bytes]":
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", "documents.parser", str(self.memory), str(self.idle)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                cwd=_ROOT,
                env={**plain_environment(), "OMP_THREAD_LIMIT": "1"},
                process_group=0,
            )
        except OSError as error:
            raise RuntimeError("A parser cannot be started.") from error  # no fault of the file
        for pipe in _pipes(self._process):
            os.set_blocking(pipe.fileno(), False)
        return self._process


def _exchange(process: "subprocess.Popen[bytes]", request: Sequence[bytes], until: float) -> dict[str, Any]:
    into, out_of = _pipes(process)
    for part in request:
        _write(into.fileno(), part, until)
    size = int.from_bytes(_read(out_of.fileno(), 8, until))
    if size > MOST_OUTPUT:
        raise FileTooLarge("The file holds more text than one document may.")
    answer: dict[str, Any] = json.loads(_read(out_of.fileno(), size, until))
    return answer


def _pipes(process: "subprocess.Popen[bytes]") -> tuple[IO[bytes], IO[bytes]]:
    """Its input and its output."""
    assert process.stdin  # noqa: S101 - for the type checker
    assert process.stdout  # noqa: S101
    return process.stdin, process.stdout


def _write(pipe: int, data: bytes, until: float) -> None:
    rest = memoryview(data)
    while rest:
        _wait(pipe, select.POLLOUT, until)
        rest = rest[os.write(pipe, rest[:_CHUNK]) :]


def _read(pipe: int, size: int, until: float) -> bytes:
    found = bytearray()
    while len(found) < size:
        _wait(pipe, select.POLLIN, until)
        part = os.read(pipe, min(_CHUNK, size - len(found)))
        if not part:
            raise EOFError
        found += part
    return bytes(found)


def _wait(descriptor: int, event: int, until: float) -> None:
    poll = select.poll()
    poll.register(descriptor, event)
    if not poll.poll(max(0, until - time.monotonic()) * 1000):
        raise TooSlow("Reading the file took longer than it may.")


def _hung_up(process: "subprocess.Popen[bytes]") -> bool:
    """Whether an idle parser has ended."""
    poll = select.poll()
    poll.register(_pipes(process)[1].fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _why_it_died(process: "subprocess.Popen[bytes]") -> LoadError:
    _await_end(process)
    _kill_group(process)
    code = process.wait()
    if code:
        logger.warning("A parser ended with %s", code)
    if code == -signal.SIGXCPU:
        return TooSlow("Reading the file took longer than it may.")
    # The system ends what takes the last of its memory; most libraries end the process where they get no more.
    if code in (-signal.SIGKILL, -signal.SIGABRT, -signal.SIGTRAP, -signal.SIGILL):
        return FileTooLarge("Reading the file takes more memory than it may.")
    return BrokenFile("The file is damaged: its parser failed.")


def _await_end(process: "subprocess.Popen[bytes]") -> None:
    """Until a parser whose pipes are closed has ended by itself; its number stays its own."""
    until = time.monotonic() + 2
    while time.monotonic() < until and not os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        time.sleep(0.005)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    if process.returncode is None:
        _kill_group(process)
        process.wait()
    for pipe in _pipes(process):
        pipe.close()


def _kill_group(process: "subprocess.Popen[bytes]") -> None:
    """The parser and what it started. Its number is its own until it has been waited for."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


class _Own(threading.local):
    def __init__(self) -> None:
        self.parser = Parser()


_own = _Own()


def parser() -> Parser:
    """This thread's."""
    return _own.parser


@atexit.register
def _close_all() -> None:
    for each in list(_parsers):
        each.close()
