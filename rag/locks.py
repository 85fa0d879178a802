"""A lock that holds on all machines of an installation."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import Error, connection
from filelock import Timeout

_POLL = 0.05


@contextmanager
def database_lock(name: str, patience: float = -1) -> Iterator[None]:
    """PostgreSQL's advisory lock of this name, which goes with its holder's connection. Not reentrant.

    It has a connection of its own: it neither waits for a transaction nor ends with one. Raises filelock.Timeout after
    ``patience`` seconds (-1: never). SQLite serves one machine, where a file lock does; nothing is locked there.
    """
    if connection.vendor != "postgresql":
        yield
        return
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    deadline = time.monotonic() + patience
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            while True:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
                if cursor.fetchone()[0]:
                    break
                if patience >= 0 and deadline <= time.monotonic():
                    raise Timeout(name)
                time.sleep(_POLL)
        try:
            yield
        finally:
            # At once: PostgreSQL notices a closed connection a little later.
            with suppress(Error), own.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
    finally:
        own.close()
