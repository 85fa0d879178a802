"""The product as it runs in production, with a PostgreSQL, a Redis and providers of its own, all of which may be hurt.

It lives in a network and a tree of processes of its own (unshare), so nothing else on the machine is touched, and the
folders that may run full are small file systems in memory. What a service manager would do is done here: a process
that has ended is started again after half a second.
"""

import json
import os
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import httpx

ROOT = Path(__file__).resolve().parent.parent.parent
PORT, POSTGRES, REDIS = 8000, 5432, 6379
PROVIDER_SECONDS = 8.0
"""PROVIDER_TIMEOUT of the run: what waits for a provider takes a quarter of the default."""
DISKS = {"data": "96m", "data/files": "64m", "data/indexes": "64m", "backups": "64m"}
"""Folders that are file systems of their own, by size."""


@dataclass
class Kept:
    """A process that is started again whenever it has ended."""

    name: str
    command: Sequence[str]
    process: "subprocess.Popen[bytes]"
    starts: int = 1
    held: bool = False
    """Not to be started again for now."""


@dataclass
class Stack:
    folder: Path
    store: str
    processes: dict[str, Kept] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    """Of the providers."""
    _stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _log: IO[bytes] | None = None
    _clock: dict[str, str] = field(default_factory=dict)
    _environment: dict[str, str] = field(default_factory=dict)

    # The beginning and the end

    def start(self) -> None:
        for name, size in DISKS.items():
            place = self.folder / name
            place.mkdir(parents=True, exist_ok=True)
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], check=True)  # noqa: S603, S607
        self.clock_set(0)
        self._log = (self.folder / "log").open("ab")
        self._postgres_make()
        self.postgres("start")
        self.redis_start()
        self.provider_start("mistral")
        self.provider_start("pinecone")
        self._environment = self._variables()
        self.manage("migrate", "-v0")
        if self.store == "pinecone":
            self.manage("create_index")
        for name, command in {
            "server": ["-m", "gunicorn", "-c", "config/gunicorn.py", "--bind", f"127.0.0.1:{PORT}", "--workers", "2",
                       "--graceful-timeout", "10", "config.asgi:application"],
            "worker-1": ["manage.py", "run_worker"],
            "worker-2": ["manage.py", "run_worker"],
            "scheduler": ["manage.py", "run_scheduler"],
        }.items():  # fmt: skip
            self.processes[name] = Kept(name, command, self._spawn(command))
        threading.Thread(target=self._supervise, daemon=True).start()

    def stop(self) -> None:
        self._stop.set()
        for kept in self.processes.values():
            kept.process.send_signal(signal.SIGCONT)
            kept.process.terminate()
        for kept in self.processes.values():
            try:
                kept.process.wait(15)
            except subprocess.TimeoutExpired:
                kept.process.kill()
        self.postgres("stop", "immediate")
        for name in reversed(DISKS):
            subprocess.run(["umount", "--lazy", str(self.folder / name)], check=False)  # noqa: S603, S607

    def _supervise(self) -> None:
        while not self._stop.wait(0.5):
            with self._lock:
                for kept in self.processes.values():
                    if not kept.held and kept.process.poll() is not None:
                        with suppress(ProcessLookupError):  # as systemd does with what a service leaves
                            os.killpg(kept.process.pid, signal.SIGKILL)
                        kept.process, kept.starts = self._spawn(kept.command), kept.starts + 1

    def _spawn(self, command: Sequence[str]) -> "subprocess.Popen[bytes]":
        # In a session of its own, so that its children can be told from ours.
        return subprocess.Popen(  # noqa: S603
            [sys.executable, *command],
            cwd=ROOT,
            env=self._environment | self._clock,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    def _variables(self) -> dict[str, str]:
        keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        more = {
            "DJANGO_SETTINGS_MODULE": "config.settings.production",
            "ENV_FILE": os.devnull,
            "SECRET_KEY": secrets.token_urlsafe(64),
            "JWT_SIGNING_KEY": secrets.token_urlsafe(64),
            "ALLOWED_HOSTS": "127.0.0.1",
            "DATABASE_URL": f"postgres://postgres@127.0.0.1:{POSTGRES}/postgres",
            "REDIS_URL": f"redis://127.0.0.1:{REDIS}/0",
            "DATA_DIR": str(self.folder / "data"),
            "BACKUP_DIR": str(self.folder / "backups"),
            "REQUIRE_VERIFIED_EMAIL": "False",
            "EMAIL_URL": "smtp://127.0.0.1:1025",
            "PUBLIC_URL": "https://127.0.0.1",
            "MISTRAL_API_KEY": "loopback-key",
            "MISTRAL_SERVER_URL": self.urls["mistral"],
            "PROVIDER_TIMEOUT": str(PROVIDER_SECONDS),
            "QUERY_CACHE_SECONDS": "0",
            "ANSWER_CACHE_SECONDS": "0",
            "MESSAGES_A_MINUTE": "100000",
            "TOKENS_A_DAY_USER": "0",
            "LIMITS": "login=100000/60, register=100000/60, refresh=100000/60",
            "JOB_SCHEDULES": "tokens=* * * * *",
            "LOG_LEVEL": "WARNING",
        }
        if self.store == "pinecone":
            more |= {"PINECONE_API_KEY": "loopback-key", "PINECONE_HOST": self.urls["pinecone"],
                     "PINECONE_CONTROLLER_URL": self.urls["pinecone"]}  # fmt: skip
        return keep | more

    def manage(self, *command: str, check: bool = True, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(  # noqa: S603
            [sys.executable, "manage.py", *command],
            cwd=ROOT, env=self._environment | more, capture_output=True, text=True, check=check, timeout=900,
        )  # fmt: skip

    # Processes of the product

    def pid(self, name: str) -> int:
        with self._lock:
            return self.processes[name].process.pid

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        os.kill(self.pid(name), number)

    def children(self, name: str) -> list[int]:
        """Processes that this one has started: those that serve, or those that parse files."""
        pid = self.pid(name)
        found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True)  # noqa: S603, S607
        return [int(number) for number in found.stdout.split()]

    def power_cut(self) -> None:
        """Everything at once, without a word."""
        with self._lock:
            for kept in self.processes.values():
                for child in self.children(kept.name):
                    _kill(child)
                _kill(kept.process.pid)
            self.redis_stop()
            self.postgres("stop", "immediate")
            for kept in self.processes.values():
                kept.process.wait()
        self.postgres("start")
        self.redis_start()

    # PostgreSQL

    def _postgres_make(self) -> None:
        place = self.folder / "postgres"
        place.mkdir()
        shutil.chown(place, "postgres")
        self.folder.chmod(0o755)
        self._as_postgres("initdb", "-D", str(place), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C")
        with (place / "postgresql.conf").open("a") as file:
            file.write(f"port = {POSTGRES}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{place}'\n")
            file.write("fsync = off\n")  # processes are killed, never the machine: what was written is there

    def postgres(self, order: str, mode: str = "fast") -> None:
        """``start``, ``stop`` or ``restart``."""
        more = [] if order == "start" else ["-m", mode]
        place = self.folder / "postgres"
        self._as_postgres("pg_ctl", order, "-w", "-D", str(place), "-l", str(place / "log"), *more)

    def _as_postgres(self, *command: str) -> None:
        command = ("runuser", "-u", "postgres", "--", *command)
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=900)  # noqa: S603

    # Redis

    def redis_start(self) -> None:
        command = ["redis-server", "--port", str(REDIS), "--save", "", "--appendonly", "no", "--loglevel", "warning"]
        self.redis = subprocess.Popen(command, cwd="/", stdout=subprocess.DEVNULL)  # noqa: S603
        _listens(REDIS)

    def redis_stop(self) -> None:
        self.redis.kill()
        self.redis.wait()

    def redis_flush(self) -> None:
        subprocess.run(["redis-cli", "-p", str(REDIS), "FLUSHALL"], check=True, stdout=subprocess.DEVNULL)  # noqa: S603, S607

    # Providers

    def provider_start(self, name: str) -> None:
        """In a process of its own."""
        command = [sys.executable, "-m", f"tests.loopback.{name}"]
        service = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603
        self.urls[name] = service.stdout.readline().split()[0] if service.stdout else ""

    def provider(self, name: str, **behaviour: Any) -> None:
        """How it behaves from now on, as tests/loopback has it; nothing: well."""
        body = {"kind": None, **behaviour, "always": True} if "lag" not in behaviour else behaviour
        httpx.post(f"{self.urls[name]}/_control", content=json.dumps(body), timeout=10).raise_for_status()

    # The network and the clock

    def network(self, order: str, port: int, verdict: str = "DROP") -> None:
        """``-I``: packets to and from this port are lost (or refused: REJECT); ``-D``: no longer."""
        told = ["-j", "DROP"] if verdict == "DROP" else ["-j", "REJECT", "--reject-with", "tcp-reset"]
        for end in ("--dport", "--sport"):
            subprocess.run(["iptables", "-w", order, "OUTPUT", "-p", "tcp", end, str(port), *told], check=True)  # noqa: S603, S607

    def clock_set(self, seconds: int) -> None:
        """The wall clock of the product is wrong by so many seconds from now on."""
        place = self.folder / "clock"
        if not place.exists() and shutil.which("cc"):
            source = Path(__file__).with_name("clock.c")
            library = str(self.folder / "clock.so")
            subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, str(source)], check=True)  # noqa: S603, S607
            place.write_bytes(struct.pack("q", 0))
            self._clock = {"LD_PRELOAD": library, "CLOCK_FILE": str(place)}
        if self.has_clock:
            with place.open("r+b") as file:
                file.write(struct.pack("q", seconds))

    @property
    def has_clock(self) -> bool:
        """Whether it can be set: a compiler is needed."""
        return bool(self._clock)


def fill(place: Path) -> Path:
    """Leave not a byte on the disk. Returns the file that has taken them."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                pass
    return filler


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _listens(port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.02)
    raise RuntimeError(f"Nothing listens on port {port}.")
