"""Redis as it may fail: a server of its own that is stopped, and a port where nobody answers."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def silent_port() -> Iterator[int]:
    """Takes connections and never says a word."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        yield silent.getsockname()[1]


@contextmanager
def full_port() -> Iterator[int]:
    """Lets nobody connect and does not say so, as a network that swallows packets: its queue is full."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(0)
        waiting = []
        try:
            for _ in range(3):
                one = socket.socket()
                one.setblocking(False)
                one.connect_ex(silent.getsockname())
                waiting.append(one)
            yield silent.getsockname()[1]
        finally:
            for one in waiting:
                one.close()


class RedisServer:
    """A server of the test's own. Use as a context manager."""

    def __init__(self) -> None:
        program = shutil.which("redis-server")
        if program is None:
            if os.environ.get("REQUIRE_SERVICES"):
                pytest.fail("redis-server is required.")
            pytest.skip("There is no redis-server.")
        self._program = program
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def __enter__(self) -> "RedisServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        command = [self._program, "--port", str(self.port), "--save", "", "--appendonly", "no", "--loglevel", "warning"]
        self._process = subprocess.Popen(command, cwd="/", stdout=subprocess.DEVNULL)
        for _ in range(200):
            with socket.socket() as probe:
                if not probe.connect_ex(("127.0.0.1", self.port)):
                    return
            time.sleep(0.01)
        raise RuntimeError("redis-server did not start.")

    def freeze(self) -> None:
        """It takes connections, and says nothing."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
