"""A database that cannot be asked for a while, and a disk without a free byte: the real ones."""

import os
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import connection


@contextmanager
def database_away() -> Iterator[None]:
    """Every session of it is ended again and again; SQLite, which has none, lets nobody write."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 20")
        other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")
            other.close()
            connection.close()
        return
    stop = threading.Event()
    parameters = connection.get_connection_params()
    told = {name: parameters[name] for name in ("dbname", "user", "host", "port", "password") if name in parameters}
    ended = threading.Event()

    def end_sessions() -> None:
        with psycopg.connect(**told, autocommit=True) as own:
            while not stop.is_set():
                own.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
                ended.set()
                stop.wait(0.02)

    thread = threading.Thread(target=end_sessions)
    thread.start()
    ended.wait(5)
    try:
        yield
    finally:
        stop.set()
        thread.join()
        connection.close()


@contextmanager
def small_disk(place: Path, size: str = "48m") -> Iterator[Path]:
    """A file system of its own, in memory."""
    place.mkdir(parents=True, exist_ok=True)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], capture_output=True)
    if made.returncode:
        pytest.skip("Who runs the tests may not make a file system, so no disk can be full.")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextmanager
def full(place: Path) -> Iterator[None]:
    """Not a byte is left on the disk."""
    filler = place / "filler"
    free = os.statvfs(place)
    with filler.open("wb", buffering=0) as file:
        file.truncate(0)
        os.posix_fallocate(file.fileno(), 0, max(1, free.f_bavail * free.f_frsize - (1 << 16)))
        try:
            while True:
                file.seek(0, os.SEEK_END)
                file.write(b"\0" * 512)
        except OSError:
            pass
    yield
    filler.unlink()
