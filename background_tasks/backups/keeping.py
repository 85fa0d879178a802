"""Which backups are kept, and that there is one at work on them at a time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from filelock import FileLock, Timeout

from background_tasks.backups.errors import BackupRefused
from background_tasks.backups.stores.base import BackupStore, Stored
from rag.locks import database_lock


@contextmanager
def alone() -> Iterator[None]:
    """Nobody else backs up or restores this installation meanwhile. Raises BackupRefused."""
    place = Path(settings.DATA_DIR)
    place.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(place / "backups.lock", timeout=0), database_lock("backups", 0):
            yield
    except Timeout as error:
        raise BackupRefused("Another backup or restore is at work. Try again when it is done.") from error


def backups_expire(*, store: BackupStore, now: datetime) -> list[str]:
    """Remove the backups that are not kept any longer; the newest one always is. Returns their names.

    The caller has just read the newest one whole, so the last good one is never removed.
    """
    names = [stored.name for stored in spare(store.list(), now=now)]
    for name in names:
        store.delete(name)
    return names


def spare(stored: Sequence[Stored], *, now: datetime) -> list[Stored]:
    """Those that are not kept, of backups in their order, newest first."""
    keep, days = settings.BACKUPS["KEEP"], settings.BACKUPS["KEPT_DAYS"]
    oldest = now - timedelta(days=days) if days else None
    return [one for place, one in enumerate(stored) if place and (place >= keep or (oldest and one.made < oldest))]
