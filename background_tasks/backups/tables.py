"""The tables of a database as its own migrations made them, which need not be all that the code has.

The models of that state are drawn from the migrations, so a database that has yet to be migrated can be saved, and an
archive of then restored.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from background_tasks.backups.columns import Column, teller
from background_tasks.backups.errors import BackupRefused

Migration = tuple[str, str]
"""Label of the app, name."""
RECORD = "django_migrations"
_BATCH_BYTES = 4 << 20
_MOST_ROWS = 5000
_MASK = (1 << 256) - 1


@dataclass(slots=True)
class Tally:
    """How many rows, and the sum of their SHA-256 modulo 2^256: the same in whatever order they come."""

    rows: int = 0
    total: int = field(default=0, repr=False)

    def add(self, line: bytes) -> None:
        self.rows += 1
        self.total = (self.total + int.from_bytes(sha256(line).digest())) & _MASK

    @property
    def checksum(self) -> str:
        return f"{self.total:064x}"


Tables = Mapping[str, Sequence[Column]]


def applied_migrations(database: BaseDatabaseWrapper) -> list[Migration]:
    return list(MigrationRecorder(database).applied_migrations())


def unknown_migrations(migrations: Sequence[Migration]) -> list[Migration]:
    """Those that the code does not have."""
    loader = MigrationLoader(None)
    known = {*loader.disk_migrations, *(one for found in loader.disk_migrations.values() for one in found.replaces)}
    return [migration for migration in migrations if migration not in known]


def tables_at(migrations: Sequence[Migration]) -> dict[str, list[Column]]:
    """The tables and columns that these migrations make, in the order of their names."""
    loader = MigrationLoader(None)
    state = loader.project_state([migration for migration in migrations if migration in loader.graph.nodes])
    models = [model for model in state.apps.get_models(include_auto_created=True) if model._meta.managed]
    return {
        model._meta.db_table: [Column.of(column) for column in model._meta.local_concrete_fields]
        for model in sorted(models, key=lambda model: model._meta.db_table)
    }


@contextmanager
def snapshot() -> Iterator[BaseDatabaseWrapper]:
    """One state of the database, whatever is written meanwhile, on a connection of its own."""
    with closing(connection.copy()) as own:
        with own.cursor() as cursor:
            # Django's own transactions would lock out all writers on SQLite.
            isolation = " ISOLATION LEVEL REPEATABLE READ READ ONLY" if own.vendor == "postgresql" else ""
            cursor.execute(f"BEGIN{isolation}")
            MigrationRecorder(own).has_table()  # begins with the first look
        yield own


def lines_of(database: BaseDatabaseWrapper, table: str, columns: Sequence[Column]) -> Iterator[bytes]:
    """The rows of a table, in no order. Memory holds a few megabytes of them, or the largest."""
    line, quote = teller(columns, database.vendor), database.ops.quote_name
    names = ", ".join(quote(column.name) for column in columns)
    wanted = 100
    with database.chunked_cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM {quote(table)}")  # noqa: S608 - names of models
        while rows := cursor.fetchmany(wanted):
            size = 0
            for row in rows:
                made = line(row)
                size += len(made)
                yield made
            wanted = max(1, min(_MOST_ROWS, _BATCH_BYTES * len(rows) // size))


def last_numbers(database: BaseDatabaseWrapper, tables: Tables) -> dict[str, int]:
    """The last number that each table has given to a row of its own accord: it is not given again."""
    with database.cursor() as cursor:
        if database.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE name = 'sqlite_sequence'")
            if not cursor.fetchone():
                return {}
            cursor.execute("SELECT name, seq FROM sqlite_sequence")
            return {name: number for name, number in cursor.fetchall() if name in tables}
        cursor.execute(
            "SELECT t.relname, s.last_value FROM pg_sequences s JOIN pg_class q ON q.relname = s.sequencename "
            "AND q.relnamespace = s.schemaname::regnamespace JOIN pg_depend d ON d.objid = q.oid "
            "AND d.deptype IN ('a', 'i') JOIN pg_class t ON t.oid = d.refobjid WHERE s.schemaname = current_schema()"
        )
        return {name: number for name, number in cursor.fetchall() if name in tables and number}


def size_of(database: BaseDatabaseWrapper) -> int:
    """Bytes that the database takes on its disk."""
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
        else:
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        size: int = cursor.fetchone()[0]
    return size


def own_tables(database: BaseDatabaseWrapper, migrations: Sequence[Migration]) -> list[str]:
    """The tables in this database that are an installation's, of this version or another."""
    labels = {label for label, _ in migrations} | {config.label for config in apps.get_app_configs()}
    known = {RECORD, *(model._meta.db_table for model in apps.get_models(include_auto_created=True))}
    return [
        name
        for name in database.introspection.table_names()
        if name in known or any(name.startswith(f"{label}_") for label in labels)
    ]


_FROM_MIGRATIONS = {RECORD, "django_content_type", "auth_permission", "documents_category", "documents_revision"}


def is_empty(database: BaseDatabaseWrapper) -> bool:
    """Whether there is nothing but what `manage.py migrate` makes."""
    quote = database.ops.quote_name
    with database.cursor() as cursor:
        for name in own_tables(database, []):
            if name not in _FROM_MIGRATIONS:
                cursor.execute(f"SELECT 1 FROM {quote(name)} LIMIT 1")  # noqa: S608 - a table's name
                if cursor.fetchone():
                    return False
    return True


def migrations_known(database: BaseDatabaseWrapper) -> list[Migration]:
    """What this database was migrated by. Raises BackupRefused where a newer version did, or none."""
    migrations = applied_migrations(database)
    if unknown := unknown_migrations(migrations):
        raise BackupRefused(
            f"A newer version has migrated this database ({named(unknown)}), so this one cannot tell what is in it."
        )
    if not migrations:
        raise BackupRefused("There is nothing in this database; `manage.py migrate` makes its tables.")
    return migrations


def named(migrations: Sequence[Migration]) -> str:
    return ", ".join(f"{label}.{name}" for label, name in migrations[:5])


def drop(database: BaseDatabaseWrapper, names: Sequence[str]) -> None:
    """Foreign keys are not looked at: on SQLite they are off, on PostgreSQL they go first."""
    cascade = " CASCADE" if database.vendor == "postgresql" else ""
    with database.cursor() as cursor:
        for name in names:
            cursor.execute(f"DROP TABLE {database.ops.quote_name(name)}{cascade}")


def rows_dropped(database: BaseDatabaseWrapper, names: Sequence[str]) -> None:
    with database.cursor() as cursor:
        for name in names:
            cursor.execute(f"DELETE FROM {database.ops.quote_name(name)}")  # noqa: S608 - a table's name


def first_value(database: BaseDatabaseWrapper, sql: str) -> Any:
    with database.cursor() as cursor:
        cursor.execute(sql)
        row = cursor.fetchone()
    return row[0] if row else None
