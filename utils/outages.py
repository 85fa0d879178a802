"""What this machine and the database do wrong, told from the faults of our own that raise the same exceptions."""

import errno
import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connection

from utils.errors import DatabaseUnavailable, GroundedError, StorageFull

logger = logging.getLogger(__name__)
T = TypeVar("T")
PATIENCE = 15.0
"""Seconds for which what must not be lost waits for a database that is away."""
_PAUSE = 0.5
_FULL = (errno.ENOSPC, errno.EDQUOT)
_DISK_FULL = "53100"
"""SQLSTATE of PostgreSQL."""
RETRY_AFTER = 2.0


def database_away(error: BaseException | None) -> bool:
    """Whether the database could not be asked: the same statement may well succeed in a moment."""
    if isinstance(error, InterfaceError):
        return True
    # SQLite calls a missing table the same as a lock that it did not get.
    return isinstance(error, OperationalError) and "no such" not in str(error)


def outlasted(call: Callable[[bool], T]) -> T:
    """The result of ``call``, made again while the database is away; it is told whether it has been made before.

    Not within a transaction, which is lost with its connection.
    """
    until = time.monotonic() + PATIENCE
    again = False
    while True:
        try:
            return call(again)
        except (DatabaseError, InterfaceError) as error:
            if not database_away(error) or connection.in_atomic_block or time.monotonic() > until:
                raise
            logger.warning("An answer waits for the database: %s", type(error).__name__)
        again = True
        connection.close()
        time.sleep(_PAUSE)


def outage(error: BaseException | None) -> GroundedError | None:
    """What is to be said of it; None if it is no outage."""
    if _full(error):
        return StorageFull("The disk of the server is full, so nothing was kept of this. Try again later.")
    if database_away(error):
        return DatabaseUnavailable("The database cannot be reached. Try again in a moment.", retry_after=RETRY_AFTER)
    return None


def _full(error: BaseException | None) -> bool:
    if isinstance(error, DatabaseError):
        return getattr(error.__cause__, "sqlstate", None) == _DISK_FULL or "disk is full" in str(error)
    return isinstance(error, OSError) and error.errno in _FULL
