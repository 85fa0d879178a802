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


def backups_expire(*, store: BackupStore, good: str, now: datetime) -> list[str]:
    """Remove the backups that are not kept any longer, but never ``good``: the one that was just read whole.

    Returns their names.
    """
    names = [stored.name for stored in spare(store.list(), good=good, now=now)]
    for name in names:
        store.delete(name)
    return names


def spare(stored: Sequence[Stored], *, good: str, now: datetime) -> list[Stored]:
    """Those that are not kept, of backups in their order, newest first. A wrong clock may have misdated some."""
    keep, days = settings.BACKUPS["KEEP"], settings.BACKUPS["KEPT_DAYS"]
    oldest = now - timedelta(days=days) if days else None
    others = [one for one in stored if one.name != good]
    return [one for place, one in enumerate(others, 1) if place >= keep or (oldest and one.made < oldest)]
