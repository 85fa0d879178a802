"""The faults: each is on within its context, and has ended after it."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.faults.stack import POSTGRES, REDIS, Stack, fill

Blow = Callable[[Stack, random.Random], AbstractContextManager[None]]
BLOWS: dict[str, Blow] = {}
"""By the name of the row (promises.py)."""


def _blow(name: str, *given: Any) -> Callable[[Callable[..., Generator[None]]], Callable[..., Generator[None]]]:
    def keep(made: Callable[..., Generator[None]]) -> Callable[..., Generator[None]]:
        BLOWS[name] = contextmanager(partial(made, *given)) if given else contextmanager(made)
        return made

    return keep


# PostgreSQL


@_blow("postgres-restart-fast", "fast")
@_blow("postgres-restart-immediate", "immediate")
def _postgres_restart(mode: str, stack: Stack, chance: random.Random) -> Generator[None]:
    stack.postgres("restart", mode)
    yield


@_blow("postgres-away", 5)
@_blow("postgres-away-30", 30)
def _postgres_away(seconds: float, stack: Stack, chance: random.Random) -> Generator[None]:
    stack.postgres("stop", chance.choice(["fast", "immediate"]))
    try:
        time.sleep(seconds)
        yield
    finally:
        stack.postgres("start")


@_blow("postgres-sessions-ended")
def _postgres_sessions(stack: Stack, chance: random.Random) -> Generator[None]:
    with psycopg.connect(f"host=127.0.0.1 port={POSTGRES} user=postgres", autocommit=True) as connection:
        for _ in range(3):
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            time.sleep(chance.random() / 2)
    yield


@_blow("postgres-cut", POSTGRES, 12)
@_blow("redis-cut", REDIS, 4)
def _cut(port: int, seconds: float, stack: Stack, chance: random.Random) -> Generator[None]:
    """The network swallows packets."""
    stack.network("-I", port)
    try:
        time.sleep(seconds)
        yield
    finally:
        stack.network("-D", port)


# Redis


@_blow("redis-killed")
def _redis_killed(stack: Stack, chance: random.Random) -> Generator[None]:
    stack.redis_stop()
    try:
        time.sleep(2 + 2 * chance.random())
        yield
    finally:
        stack.redis_start()


@_blow("redis-flushed")
def _redis_flushed(stack: Stack, chance: random.Random) -> Generator[None]:
    stack.redis_flush()
    yield


@_blow("redis-frozen")
def _redis_frozen(stack: Stack, chance: random.Random) -> Generator[None]:
    stack.redis.send_signal(signal.SIGSTOP)
    try:
        time.sleep(2 + 3 * chance.random())
        yield
    finally:
        stack.redis.send_signal(signal.SIGCONT)


# Disks


@_blow("disk-full-files", "data/files")
@_blow("disk-full-indexes", "data/indexes")
@_blow("disk-full-data", "data")
def _disk_full(place: str, stack: Stack, chance: random.Random) -> Generator[None]:
    filler = fill(stack.folder / place)
    try:
        time.sleep(3 + 3 * chance.random())
        yield
    finally:
        filler.unlink()


@_blow("disk-full-backups")
def _backups_full(stack: Stack, chance: random.Random) -> Generator[None]:
    """A backup is tried while the disk is full, and made when it is not."""
    place = stack.folder / "backups"
    before = _backups(place)
    filler = fill(place)
    with filler.open("r+b") as file:
        file.truncate(filler.stat().st_size - chance.choice([0, 1 << 12, 1 << 16]))
    try:
        tried = stack.manage("backup", check=False)
        if tried.returncode == 0 or "Traceback" in tried.stderr:
            raise AssertionError(f"backup on a full disk: {tried.returncode} {tried.stderr[-300:]}")
        if before - _backups(place):
            raise AssertionError("an earlier backup is gone")
        if _backups(place) - before:
            raise AssertionError(f"half a backup was left: {_backups(place) - before}")
        yield
    finally:
        filler.unlink()
    stack.manage("backup")


def _backups(place: Path) -> set[str]:
    return {file.name for file in place.iterdir() if file.name != "filler"}


# The clock


@_blow("clock-forward", 1)
@_blow("clock-back", -1)
def _clock(way: int, stack: Stack, chance: random.Random) -> Generator[None]:
    stack.clock_set(way * chance.choice([60, 600, 3600, 86400]))
    try:
        time.sleep(4)
        yield
    finally:
        stack.clock_set(0)


# Providers


def _misbehaving(provider: str, seconds: float, behaviour: dict[str, Any], stack: Stack, _: random.Random) -> Any:
    stack.provider(provider, **behaviour)
    try:
        time.sleep(seconds)
        yield
    finally:
        stack.provider(provider)


_KINDS: dict[str, dict[str, tuple[float, dict[str, Any]]]] = {
    "mistral": {
        "hangs": (10, {"kind": "hang"}),
        "busy": (4, {"kind": "rate_limit", "retry_after": "1"}),
        "busy-for-a-day": (4, {"kind": "rate_limit", "retry_after": "86400"}),
        "fails": (4, {"kind": "error"}),
        "malformed": (4, {"kind": "malformed"}),
        "wrong-count": (4, {"kind": "wrong_count"}),
        "wrong-length": (4, {"kind": "wrong_length"}),
        "drips": (10, {"kind": "drip", "seconds": 1.0}),
        "cuts": (4, {"kind": "cut"}),
        "truncates": (4, {"kind": "truncate"}),
        "stalls": (10, {"kind": "stall"}),
    },
    "pinecone": {
        "hangs": (8, {"kind": "hang"}),
        "busy": (4, {"kind": "rate_limit", "retry_after": "86400"}),
        "fails": (4, {"kind": "error"}),
        "malformed": (4, {"kind": "malformed"}),
        "drips": (8, {"kind": "drip", "seconds": 1.0}),
        "loses-vectors": (4, {"kind": "wrong_count"}),
    },
}
for _provider, _kinds in _KINDS.items():
    for _name, (_seconds, _behaviour) in _kinds.items():
        BLOWS[f"{_provider}-{_name}"] = contextmanager(partial(_misbehaving, _provider, _seconds, _behaviour))


@_blow("mistral-refuses", "mistral", "REJECT", 4)
@_blow("mistral-cut-off", "mistral", "DROP", 8)
@_blow("pinecone-refuses", "pinecone", "REJECT", 4)
@_blow("pinecone-cut-off", "pinecone", "DROP", 8)
def _unreachable(provider: str, verdict: str, seconds: float, stack: Stack, chance: random.Random) -> Generator[None]:
    port = int(stack.urls[provider].rsplit(":", 1)[1])
    stack.network("-I", port, verdict)
    try:
        time.sleep(seconds)
        yield
    finally:
        stack.network("-D", port, verdict)


@_blow("pinecone-stale")
def _stale(stack: Stack, chance: random.Random) -> Generator[None]:
    """What is written is seen ten seconds later."""
    stack.provider("pinecone", lag=10)
    try:
        time.sleep(5)
        yield
    finally:
        stack.provider("pinecone", lag=0)


# Processes


@_blow("killed-server", "server")
@_blow("killed-scheduler", "scheduler")
def _killed(name: str, stack: Stack, chance: random.Random) -> Generator[None]:
    time.sleep(chance.random())
    stack.kill(name)
    yield


@_blow("killed-server-process")
def _killed_server_process(stack: Stack, chance: random.Random) -> Generator[None]:
    for _ in range(2):
        time.sleep(chance.random())
        os.kill(chance.choice(stack.children("server")), signal.SIGKILL)
    yield


@_blow("killed-worker")
def _killed_worker(stack: Stack, chance: random.Random) -> Generator[None]:
    for _ in range(2):
        time.sleep(chance.random())
        stack.kill(chance.choice(["worker-1", "worker-2"]))
    yield


@_blow("killed-parser")
def _killed_parser(stack: Stack, chance: random.Random) -> Generator[None]:
    """That of each worker, once, as soon as there is one."""
    left = {"worker-1", "worker-2"}
    until = time.monotonic() + 4
    while left and time.monotonic() < until:
        for name in sorted(left):
            for pid in stack.children(name):
                subprocess.run(["kill", "-KILL", str(pid)], stderr=subprocess.DEVNULL)  # noqa: S603, S607
                left.discard(name)
        time.sleep(chance.random() / 2)
    yield


@_blow("ended-server", "server")
@_blow("ended-worker", "worker-1")
@_blow("ended-scheduler", "scheduler")
def _ended(name: str, stack: Stack, chance: random.Random) -> Generator[None]:
    """As a service manager ends it, which waits until it has ended."""
    ending = stack.processes[name].process
    stack.kill(name, signal.SIGTERM)
    ending.wait(60)
    yield


@_blow("frozen-worker")
def _frozen_worker(stack: Stack, chance: random.Random) -> Generator[None]:
    """One stops in the midst of its work for longer than its lease, and goes on when another has done it."""
    stack.kill("worker-1", signal.SIGSTOP)
    try:
        time.sleep(1)
        with psycopg.connect(f"host=127.0.0.1 port={POSTGRES} user=postgres", autocommit=True) as connection:
            # As if the five minutes of a lease were over.
            connection.execute(
                "UPDATE documents_version SET leased_until = now() - interval '1 second' WHERE leased_by LIKE %s",
                [f"%:{stack.pid('worker-1')}:%"],
            )
        time.sleep(4)
        yield
    finally:
        stack.kill("worker-1", signal.SIGCONT)


@_blow("frozen-scheduler")
def _frozen_scheduler(stack: Stack, chance: random.Random) -> Generator[None]:
    stack.kill("scheduler", signal.SIGSTOP)
    try:
        time.sleep(5)
        yield
    finally:
        stack.kill("scheduler", signal.SIGCONT)


# Everything


@_blow("indexes-damaged", False)
@_blow("indexes-cut-short", True)
def _damaged(short: bool, stack: Stack, chance: random.Random) -> Generator[None]:
    files = [file for file in (stack.folder / "data/indexes").rglob("*") if file.is_file() and file.stat().st_size > 64]
    for path in chance.sample(sorted(files), k=min(2, len(files))):
        with path.open("r+b") as file:
            size = path.stat().st_size
            if short:
                file.truncate(size // 2)
            else:
                file.seek(size // 2)
                file.write(chance.randbytes(16))
    time.sleep(3)
    yield
    stack.manage("check_index", "--repair", "--settle", "0", check=False)  # as each night


@_blow("power-cut")
def _power_cut(stack: Stack, chance: random.Random) -> Generator[None]:
    stack.power_cut()
    yield
