"""Where archives are kept: in a folder (BACKUP_DIR), or where BACKUP_URL says."""

from pathlib import Path

from django.conf import settings

from background_tasks.backups.errors import BackupRefused
from background_tasks.backups.stores.base import BackupStore, Stored
from background_tasks.backups.stores.folder import FolderStore

__all__ = ["BackupStore", "Stored", "backup_store", "located"]


def backup_store() -> BackupStore:
    """Raises BackupRefused for an address that says nothing."""
    config = settings.BACKUPS
    if config["URL"]:
        from background_tasks.backups.stores.s3 import S3Store  # whose library takes 4 MB of each process

        return S3Store.from_url(config["URL"], key=config["S3_KEY"], secret=config["S3_SECRET"])
    return FolderStore(Path(config["DIR"]))


def located(name: str) -> tuple[BackupStore, str]:
    """The store and the name of an archive: by its name, by a path, or the newest where it is empty.

    Raises BackupRefused where there is none, StoreUnavailable.
    """
    path = Path(name)
    if name and (len(path.parts) > 1 or path.is_file()):
        if not path.is_file():
            raise BackupRefused(f"There is no file {name}.")
        return FolderStore(path.parent), path.name
    store = backup_store()
    names = [stored.name for stored in store.list()]
    if not names:
        raise BackupRefused(f"There is no backup in {store}. `manage.py backup` makes one.")
    if name and name not in names:
        raise BackupRefused(f"There is no backup {name} in {store}. `manage.py list_backups` shows what there is.")
    return store, name or names[0]
