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


@contextmanager
def served(application: str = "config.asgi:application", **environment: str) -> Iterator[Serving]:
    """One server process on a free port, with this environment beside that of the caller. Raises RuntimeError."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", application, "--port", str(port), "--log-level", "critical"]
    command += ["--timeout-graceful-shutdown", "2", "--backlog", "2048"]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}) as process:  # noqa: S603 - ourselves
        try:
            _await(process, port)
            yield Serving(process, port)
        finally:
            process.terminate()


def _await(process: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < until:
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.1)
    raise RuntimeError("The server did not start.")
