"""Reading a backup whole, without restoring it."""

from dataclasses import dataclass

from django.conf import settings

from background_tasks.backups.archive import Header, Manifest, Reader
from background_tasks.backups.stores import BackupStore, located


@dataclass(frozen=True, slots=True)
class Read:
    name: str
    header: Header
    manifest: Manifest


def backup_open(store: BackupStore, name: str) -> Reader:
    return Reader(store.read(name), settings.BACKUPS["PASSPHRASE"])


def backup_read(store: BackupStore, name: str) -> Read:
    """Every byte of a backup, with all its checksums. Raises BackupBroken, BackupRefused, StoreUnavailable."""
    reader = backup_open(store, name)
    for _, content in reader.files():
        for _ in content:
            pass
    for _ in reader.parts():
        pass
    return Read(name, reader.header, reader.finish())


def backup_verify(*, name: str = "") -> Read:
    """As :func:`backup_read`, of a backup by its name or path, or of the newest."""
    store, name = located(name)
    return backup_read(store, name)
