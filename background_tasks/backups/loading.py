"""Rows of an archive into the tables of a database that is migrated to the archive's state."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from background_tasks.backups.archive import Header, Manifest, Reader
from background_tasks.backups.columns import Column, taker
from background_tasks.backups.errors import BackupRefused
from background_tasks.backups.tables import (
    Migration,
    Tally,
    applied_migrations,
    drop,
    last_numbers,
    lines_of,
    own_tables,
    rows_dropped,
    tables_at,
)

_PATIENCE = "30s"


@contextmanager
def replacing() -> Iterator[None]:
    """One transaction for all that is done within, the making of tables included. Raises BackupRefused."""
    try:
        with _foreign_keys_later(), transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute(f"SET LOCAL lock_timeout = '{_PATIENCE}'")
            yield
    except OperationalError as error:
        raise BackupRefused(
            f"The database cannot be written now ({str(error).splitlines()[0]}). If something else uses it, stop the "
            "server and the workers, and try again; nothing is changed."
        ) from error


def tables_replace(header: Header) -> None:
    """Drop all tables of the installation and make them as they were when the archive was made, empty."""
    drop(connection, own_tables(connection, applied_migrations(connection)))
    _checked_at_once(True)  # PostgreSQL alters no table of which something has yet to be checked
    executor = MigrationExecutor(connection)
    executor.migrate(_targets(executor, header.migrations))
    if set(applied_migrations(connection)) != set(header.migrations):
        raise BackupRefused("The state of the archive's database cannot be made again by this version's migrations.")
    _checked_at_once(False)
    rows_dropped(connection, list(header.tables))  # what the migrations have put there


def rows_load(reader: Reader) -> Manifest:
    """All rows of the archive, read back and compared. Raises BackupBroken, BackupRefused."""
    takers = {table: taker(reader.header.columns(table), connection.vendor) for table in reader.header.tables}
    for table, lines in reader.parts():
        _load(table, reader.header.columns(table), map(takers[table], lines))
    manifest = reader.finish()
    with _told("The rows of the archive do not fit together"):
        _checked_at_once(True)
        connection.check_constraints()
    for table in reader.header.tables:
        tally = Tally()
        for line in lines_of(connection, table, reader.header.columns(table)):
            tally.add(line)
        said = manifest.tables[table]
        if (tally.rows, tally.checksum) != (said.rows, said.checksum):
            raise BackupRefused(f"The database did not keep the rows of {table} as they were. Nothing is changed.")
    numbers_raise({table: rows.last for table, rows in manifest.tables.items()})
    return manifest


def numbers_raise(last: Mapping[str, int]) -> None:
    """Give no number again, in these tables, up to the one said."""
    tables = {table for table, number in last.items() if number}
    present = last_numbers(connection, dict.fromkeys(tables, ()))
    with connection.cursor() as cursor:
        for table in tables:
            if last[table] <= present.get(table, 0):
                continue
            if connection.vendor == "postgresql":
                # Tables of ours number their rows in the column "id".
                cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, last[table]])
            else:
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last[table]])


def columns_known(header: Header) -> bool:
    """Whether this version's migrations make the tables that the archive has."""
    return {name: header.columns(name) for name in header.tables} == tables_at(header.migrations)


def _load(table: str, columns: Sequence[Column], rows: Iterator[Sequence[object]]) -> None:
    quote = connection.ops.quote_name
    into = f"{quote(table)} ({', '.join(quote(column.name) for column in columns)})"
    with _told(f"The database does not take the rows of {table}"), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {into} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            # Past Django's own cursor, which would rewrite the statement for each row.
            marks = ", ".join("?" * len(columns))
            cursor.connection.executemany(f"INSERT INTO {into} VALUES ({marks})", rows)  # noqa: S608


def _targets(executor: MigrationExecutor, migrations: Sequence[Migration]) -> list[Migration]:
    """The last ones of each app."""
    known = set(migrations)
    nodes = executor.loader.graph.node_map
    return [
        one
        for one in migrations
        if not any(child.key in known and child.key[0] == one[0] for child in nodes[one].children)
    ]


def _checked_at_once(now: bool) -> None:
    """Whether foreign keys are checked with each statement, or when this is next asked for."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET CONSTRAINTS ALL {'IMMEDIATE' if now else 'DEFERRED'}")


@contextmanager
def _foreign_keys_later() -> Iterator[None]:
    """On SQLite tables can be altered only while foreign keys are not looked at, which is said before a transaction."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.disable_constraint_checking()
    try:
        yield
    finally:
        connection.enable_constraint_checking()


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except OperationalError:
        raise
    except DatabaseError as error:
        raise BackupRefused(f"{what}: {str(error).splitlines()[0]}. Nothing is changed.") from error
