"""Making a backup."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone
from django.utils.crypto import salted_hmac

from background_tasks.backups.archive import Header, Manifest, Rows, packed, part_member, whole
from background_tasks.backups.checking import backup_read
from background_tasks.backups.errors import BackupRefused, BackupStopped
from background_tasks.backups.framing import Member
from background_tasks.backups.keeping import alone, backups_expire
from background_tasks.backups.originals import Held, file_members, frozen
from background_tasks.backups.stores import BackupStore, backup_store
from background_tasks.backups.stores.base import archive_name
from background_tasks.backups.tables import (
    Tally,
    first_value,
    last_numbers,
    lines_of,
    migrations_known,
    size_of,
    tables_at,
)
from users import tombstones
from users.audit import audit_record
from utils.marks import mark

_PART = 4 << 20


@dataclass(frozen=True, slots=True)
class Made:
    name: str
    size: int
    manifest: Manifest
    removed: list[str]
    """Older backups that are not kept any longer."""

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.manifest.tables.values())


def backup_create(*, stopped: Callable[[], bool] = lambda: False) -> Made:
    """Save what the database and the original files hold, read it back whole, and remove the backups that are spare.

    Raises BackupRefused, BackupStopped, StoreUnavailable; there is no new backup then.
    """
    store, now = backup_store(), timezone.now()
    passphrase = settings.BACKUPS["PASSPHRASE"]
    name = archive_name(now, sealed=bool(passphrase))
    with alone():
        store.tidy()
        with frozen() as (database, held):
            _require_room(store, database, held)
            store.write(name, packed(_members(database, held, now, stopped), passphrase))
        try:
            manifest = backup_read(store, name).manifest
        except BaseException:
            store.delete(name)  # what cannot be read is no backup
            raise
        removed = backups_expire(store=store, good=name, now=now)
    size = next((stored.size for stored in store.list() if stored.name == name), 0)
    made = Made(name, size, manifest, removed)
    audit_record(
        actor=None,
        action="backup.create",
        object_type="backup",
        object_id=name,
        detail={"rows": made.rows, "files": manifest.files, "lost": len(manifest.lost), "removed": removed},
        traced=False,
    )
    return made


def keys_known_by() -> dict[str, str]:
    """By what the present keys are known again, without telling them."""
    return {
        "AUDIT_KEY": mark("backups", "key"),
        "SECRET_KEY": salted_hmac("background_tasks.backups", "key", algorithm="sha256").hexdigest(),
    }


def _require_room(store: BackupStore, database: BaseDatabaseWrapper, held: Held) -> None:
    """Raises BackupRefused where there is not enough space. Rows take about half of what they take in the database."""
    free = store.free()
    needed = sum(path.stat().st_size for path in held.paths.values() if path.exists()) + size_of(database) // 2
    if free is not None and free < needed:
        raise BackupRefused(
            f"About {needed >> 20} MiB are needed in {store}, and {free >> 20} MiB are free. Make room, or keep fewer "
            "backups (BACKUP_KEEP)."
        )


def _members(
    database: BaseDatabaseWrapper, held: Held, made: datetime, stopped: Callable[[], bool]
) -> Iterator[Member]:
    for member in _parts(database, held, made):
        if stopped():
            raise BackupStopped("The backup was stopped, as the process is told to end.")
        yield member


def _parts(database: BaseDatabaseWrapper, held: Held, made: datetime) -> Iterator[Member]:
    migrations = migrations_known(database)
    tables = tables_at(migrations)
    header = Header(
        product=settings.SPECTACULAR_SETTINGS["VERSION"],
        made=made,
        database=database.vendor,
        lineage=str(first_value(database, "SELECT lineage FROM documents_revision") or "").replace("-", ""),
        keys=keys_known_by(),
        migrations=migrations,
        tables={name: [(column.name, column.kind) for column in columns] for name, columns in tables.items()},
    )
    yield whole("header.json", header.model_dump_json(indent=1).encode())
    with database.cursor() as cursor:
        cursor.execute("SELECT mark FROM users_erasure")
        erased = tombstones.noted() | {row[0] for row in cursor.fetchall()}
    yield whole("erased-accounts", "".join(f"{one}\n" for one in sorted(erased)).encode("ascii"))
    lost = list(held.lost)
    count = size = 0
    for member in file_members(held, lost):
        count, size = count + 1, size + member[1]
        yield member
    last, rows = last_numbers(database, tables), {}
    for table, columns in tables.items():
        tally = Tally()
        yield from _table(table, lines_of(database, table, columns), tally)
        rows[table] = Rows(rows=tally.rows, checksum=tally.checksum, last=last.get(table, 0))
    manifest = Manifest(tables=rows, files=count, bytes=size, lost=lost)
    yield whole("manifest.json", manifest.model_dump_json(indent=1).encode())


def _table(table: str, lines: Iterator[bytes], tally: Tally) -> Iterator[Member]:
    part: list[bytes] = []
    number = size = 0
    for line in lines:
        tally.add(line)
        part.append(line)
        size += len(line) + 1
        if size >= _PART:
            number += 1
            yield whole(part_member(table, number), b"\n".join((*part, b"")))
            part, size = [], 0
    if part:
        yield whole(part_member(table, number + 1), b"\n".join((*part, b"")))
