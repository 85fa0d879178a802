"""What the database holds once it is migrated, and how it is put back after a test that commits.

Only what is not as it was is touched. To empty a hundred tables and fill some of them anew takes PostgreSQL seconds.
"""

from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from users import audit_guard

_rows: dict[str, list[tuple[Any, ...]]] = {}
"""Of each table that has any."""
_columns: dict[str, str] = {}
"""Of these tables. A table that a test made anew may have them in another order."""


def remember() -> None:
    """To be called when the database has been migrated and nothing else."""
    with connection.cursor() as cursor:
        for table in _filled(cursor, _tables()):
            described = connection.introspection.get_table_description(cursor, table)
            _columns[table] = ", ".join(_quoted(column.name) for column in described)
            _rows[table] = _read(cursor, table)


def put_back() -> None:
    """As it was. Waits for whoever still writes, and whoever writes waits for it."""
    tables = _tables()
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"LOCK TABLE {', '.join(map(_quoted, tables))}")
        filled = _filled(cursor, tables)
        added = [table for table in filled if table not in _rows]
        changed = [table for table, rows in _rows.items() if table not in filled or _read(cursor, table) != rows]
        if audit_guard.TABLE in added:
            audit_guard.lift()  # it would refuse
        for table in added + changed:
            cursor.execute(f"DELETE FROM {_quoted(table)}")
        for table in changed:
            values = ", ".join(["%s"] * len(_rows[table][0]))
            cursor.executemany(f"INSERT INTO {_quoted(table)} ({_columns[table]}) VALUES ({values})", _rows[table])
    if audit_guard.missing():
        audit_guard.lay()


def added() -> list[str]:
    """The tables that were empty then and are not now."""
    with connection.cursor() as cursor:
        return [table for table in _filled(cursor, _tables()) if table not in _rows]


def _tables() -> list[str]:
    return connection.introspection.django_table_names(only_existing=True, include_views=False)


def _filled(cursor: CursorWrapper, tables: list[str]) -> list[str]:
    asked = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {_quoted(table)})" for table in tables)
    cursor.execute(asked)
    return [name for (name,) in cursor.fetchall()]


def _read(cursor: CursorWrapper, table: str) -> list[tuple[Any, ...]]:
    cursor.execute(f"SELECT {_columns[table]} FROM {_quoted(table)} ORDER BY 1")
    return list(cursor.fetchall())


def _quoted(table: str) -> str:
    return connection.ops.quote_name(table)
