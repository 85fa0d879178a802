"""Putting a backup back.

It is read twice: whole, with every checksum, before anything is touched; then into the database, in one transaction. So
whatever goes wrong or is killed, the database is as it was, and the same command can be given again. Files are put in
their places before, which harms nobody: each is called by its content.
"""

import logging
import shutil
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection

from background_tasks.backups.archive import Header, Manifest
from background_tasks.backups.checking import backup_open, backup_read
from background_tasks.backups.errors import BackupBroken, BackupRefused, StoreUnavailable
from background_tasks.backups.keeping import alone
from background_tasks.backups.loading import columns_known, numbers_raise, replacing, rows_load, tables_replace
from background_tasks.backups.making import keys_known_by
from background_tasks.backups.originals import original_put, strangers_remove
from background_tasks.backups.stores import BackupStore, located
from background_tasks.backups.tables import first_value, is_empty, last_numbers, named, own_tables, unknown_migrations
from documents.feed import lineage_renew
from rag.errors import ProviderError
from rag.followers import followers
from rag.models import Build, Cursor
from users import tombstones
from users.audit import audit_record
from users.audit_verifying import audit_verify
from users.erasing import erasures_reapply
from users.restored import access_end

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Restored:
    name: str
    header: Header
    manifest: Manifest
    erased: int
    """Accounts that were back, and were erased again."""
    passages: dict[str, int]
    """In each index."""
    warnings: list[str]

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.manifest.tables.values())


def backup_restore(
    *, name: str = "", overwrite: bool = False, other_keys: bool = False, indexes: bool = True
) -> Restored:
    """Put a backup back, by its name or path, or the newest.

    ``overwrite``: though there is something in the database, which is lost. ``other_keys``: though the keys are not
    those that the backup was made with. Raises BackupBroken, BackupRefused, StoreUnavailable; nothing is changed then.
    """
    with alone():
        empty = is_empty(connection)
        if not empty and not overwrite:
            raise BackupRefused(
                "The database is not empty. With --overwrite all that is in it is replaced by the backup, and lost."
            )
        store, name = located(name)
        read = backup_read(store, name)
        _require_known(read.header, other_keys)
        _require_room(read.manifest)
        erased = _erased_meanwhile(store, name)
        reader = backup_open(store, name)
        for digest, content in reader.files():
            original_put(digest, content)
        for account in sorted(erased | reader.erased):
            tombstones.note(account)
        with replacing():
            trail, numbers = _replaced()
            tables_replace(reader.header)
            manifest = rows_load(reader)
            ContentType.objects.clear_cache()
            call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
            numbers_raise(numbers)
            erased_again = _settle(name, reader.header, trail)
        if not empty:
            strangers_remove()
    passages, warnings = _rebuilt() if indexes else ({}, [])
    if fault := audit_verify().fault:
        warnings.append(f"The audit trail is not whole: {fault}")
    return Restored(name, read.header, manifest, erased_again, passages, warnings)


def _require_known(header: Header, other_keys: bool) -> None:
    if unknown := unknown_migrations(header.migrations):
        raise BackupRefused(
            f"The backup was made by a newer version ({header.product}): this one does not know {named(unknown)}. "
            "Install the version that made it, or a newer one, and restore it there."
        )
    if not columns_known(header):
        raise BackupRefused("The backup's tables are not those that this version's migrations make.")
    mine = keys_known_by()
    strange = [name for name, known_by in header.keys.items() if mine.get(name) != known_by]
    if strange and not other_keys:
        raise BackupRefused(
            f"{' and '.join(strange)} (where AUDIT_KEY is not set, SECRET_KEY takes its place) is not what the backup "
            "was made with. Put the former key back: without it erased accounts are not known again, the audit trail "
            "cannot be verified, and second factors do not work. With --other-keys it is restored all the same."
        )


def _require_room(manifest: Manifest) -> None:
    place = Path(settings.MEDIA_ROOT)
    place.mkdir(parents=True, exist_ok=True)
    if (free := shutil.disk_usage(place).free) < manifest.bytes:
        raise BackupRefused(f"{manifest.bytes >> 20} MiB are needed in {place}, and {free >> 20} MiB are free.")


def _erased_meanwhile(store: BackupStore, name: str) -> frozenset[str]:
    """The notes in the newest backup beside this one, and in the database that is replaced."""
    found: frozenset[str] = frozenset()
    try:
        newest = next((stored.name for stored in store.list()), name)
        if newest != name:
            found = backup_open(store, newest).erased
    except (BackupBroken, BackupRefused, StoreUnavailable) as error:
        logger.warning("The newest backup cannot be asked who was erased since: %s", error)
    if "users_erasure" in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute("SELECT mark FROM users_erasure")
            found |= {row[0] for row in cursor.fetchall()}
    return found


def _replaced() -> tuple[str, dict[str, int]]:
    """The last hash of the audit trail that is replaced, and the last numbers that were given to rows."""
    tables = own_tables(connection, [])
    trail = ""
    if "users_audithead" in tables:
        trail = str(first_value(connection, "SELECT hash FROM users_audithead") or "")
    return trail, last_numbers(connection, dict.fromkeys(tables, ()))


def _settle(name: str, header: Header, trail: str) -> int:
    """What the rows of another time say of the present is put right. Returns how many accounts were erased again."""
    # Indexes, caches and namespaces of shared stores are of the state that was, or of the installation that this is a
    # copy of: they are left alone.
    lineage_renew()
    Cursor.objects.all().delete()
    Build.objects.all().delete()
    access_end()
    erased = erasures_reapply()
    detail = {"made": header.made.isoformat(), "from": header.database, "replaced": trail, "erased": erased}
    audit_record(
        actor=None, action="backup.restore", object_type="backup", object_id=name[:64], detail=detail, traced=False
    )
    return erased


def _rebuilt() -> tuple[dict[str, int], list[str]]:
    """The indexes, from the vectors in the database."""
    passages, warnings = {}, []
    for follower in followers():
        try:
            follower.rebuild()
            passages[follower.name] = follower.count()
        except ProviderError as error:
            warnings.append(f"The index {follower.name} is not built yet: {error.detail} Workers will try again.")
    return passages, warnings
