"""The product in a process of its own, for what measures it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.limits import DEFAULTS

UNLIMITED = ",".join(f"{name}=1000000/60" for name in DEFAULTS)
"""For ``LIMITS``, where what is measured is not the limits."""
ROOT = Path(__file__).resolve().parent.parent
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Serving:
    process: "subprocess.Popen[bytes]"
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@contextmanager
def served(application: str = "config.asgi:application", **environment: str) -> Iterator[Serving]:
    """One server process on a free port, with this environment beside that of the caller. Raises RuntimeError."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", application, "--port", str(port), "--log-level", "critical"]
    command += ["--timeout-graceful-shutdown", "2", "--backlog", "2048"]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}) as process:  # noqa: S603 - ourselves
        try:
            await_port(process, port)
            yield Serving(process, port)
        finally:
            process.terminate()


def await_port(process: "subprocess.Popen[bytes]", port: int) -> None:
    """Until the process listens there. Raises RuntimeError where it ends or takes a minute."""
    until = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < until:
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.1)
    raise RuntimeError("The server did not start.")
