"""Locks that go with their process: whoever gets one knows that the process that had it is dead."""

import hashlib
from abc import ABC, abstractmethod
from pathlib import Path

import filelock
from django.conf import settings
from django.db import Error, connection
from django.db.backends.base.base import BaseDatabaseWrapper

_NAME = "grounded scheduler"


class LeaderLock(ABC):
    @abstractmethod
    def take(self) -> bool:
        """Whether this process holds it now. Nobody is waited for."""

    @abstractmethod
    def release(self) -> None:
        """Leave it to others, if it is held."""

    @abstractmethod
    def evict(self, leader: str) -> None:
        """End what a leader that gives no sign of life holds in the database, if there is a way."""


class AdvisoryLock(LeaderLock):
    """PostgreSQL's, on a connection of its own. It is gone a moment after its process, or machine's connection, is."""

    KEY = int.from_bytes(hashlib.sha256(_NAME.encode()).digest()[:8], "big", signed=True)

    def __init__(self) -> None:
        self._connection: BaseDatabaseWrapper | None = None
        self._held = False

    def take(self) -> bool:
        if self._connection is None:
            self._connection = connection.copy()
        try:
            with self._connection.cursor() as cursor:
                # It goes with its connection, which may have been cut.
                if self._held:
                    cursor.execute("SELECT 1")
                else:
                    cursor.execute("SELECT pg_try_advisory_lock(%s)", [self.KEY])
                    self._held = bool(cursor.fetchone()[0])
        except Error:
            self.release()
        return self._held

    def release(self) -> None:
        self._held = False
        if self._connection:
            self._connection.close()
            self._connection = None

    def evict(self, leader: str) -> None:
        """End its connections, which are named after it: no transaction of it stays open, and none can be committed."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND application_name = %s AND pid <> pg_backend_pid()",
                [leader],
            )


class FileLock(LeaderLock):
    """Of a machine, where SQLite serves one."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = filelock.FileLock(path, thread_local=False)

    def take(self) -> bool:
        if not self._lock.is_locked:
            try:
                self._lock.acquire(blocking=False)
            except filelock.Timeout:
                return False
        return True

    def release(self) -> None:
        self._lock.release()

    def evict(self, leader: str) -> None:
        """SQLite knows no such thing. A process that freezes while it writes keeps everybody from writing anyway."""


def leader_lock() -> LeaderLock:
    """That of the database in use."""
    return AdvisoryLock() if connection.vendor == "postgresql" else FileLock(settings.DATA_DIR / "scheduler.lock")
