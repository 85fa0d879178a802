"""What an installation holds, to be compared before and after."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from background_tasks.backups.columns import Column
from background_tasks.backups.tables import Migration, Tally, applied_migrations, lines_of, tables_at

Table = tuple[int, str]
SETTLED = {
    "django_session",
    "documents_revision",
    "rag_build",
    "rag_cursor",
    "users_auditentry",
    "users_audithead",
    "users_loginsession",
    "users_mailedtoken",
    "users_outgoingmail",
    "users_signon",
    "users_user",
}
"""Where a restore itself writes."""


@dataclass(frozen=True, slots=True)
class Place:
    folder: Path

    @property
    def archives(self) -> list[Path]:
        return sorted((self.folder / "backups").glob("backup-*"))


def tables() -> dict[str, Table]:
    """Rows and checksum of each table."""
    found = {}
    for name, columns in _columns(tuple(applied_migrations(connection))).items():
        tally = Tally()
        for line in lines_of(connection, name, columns):
            tally.add(line)
        found[name] = tally.rows, tally.checksum
    return found


@cache
def _columns(migrations: tuple[Migration, ...]) -> dict[str, list[Column]]:
    return tables_at(migrations)


def unsettled(found: dict[str, Table]) -> dict[str, Table]:
    return {name: table for name, table in found.items() if name not in SETTLED}


def files() -> dict[str, bytes]:
    return dict(_files(Path(settings.MEDIA_ROOT)))


def _files(root: Path) -> Iterator[tuple[str, bytes]]:
    for path in root.rglob("*"):
        if path.is_file():
            yield str(path.relative_to(root)), path.read_bytes()


def run(command: str, *arguments: str, **options: object) -> str:
    """What the command prints. Raises CommandError."""
    told = StringIO()
    call_command(command, *arguments, stdout=told, stderr=told, **options)
    return told.getvalue()
