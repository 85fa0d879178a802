"""The database's own refusal to change the audit trail, whoever asks: the product, the admin site or a person with SQL.

Rows can be added. Of one that is there, a part that tells of a person can be blanked, whole, and with the number of its
reason (users/audit.py); nothing else changes and nothing is deleted. Whoever owns the database can take the guard away,
and then the chain shows what they did.

It is laid after all migrations, not by one, and lifted before those of this room: SQLite drops a table's triggers where
a migration makes it anew, and alters no columns that a trigger names.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "users_auditentry"
_REFUSAL = "the audit trail is append-only"
_KEPT = ("id", "at", "action", "object_type", "actor_digest", "object_digest", "hash")
_ACTOR = ("actor_id", "actor_name", "address", "request_id", "actor_salt", "actor_removal")
_OBJECT = ("object_id", "subject_id", "detail", "before", "after", "object_salt", "object_removal")
_EMPTY_TEXTS = {"actor_name", "address", "request_id", "actor_salt", "object_id", "object_salt"}


def lay(*, using: str = "default", **_: Any) -> None:
    """Guard the trail in this database; once more does no harm. Where the trail is no chain yet there is no guard."""
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        if "hash" in {column.name for column in connection.introspection.get_table_description(cursor, TABLE)}:
            lift(using=using)
            for statement in _statements(connection):
                cursor.execute(statement)


def lift_before(*, plan: Sequence[tuple[Any, bool]], using: str = "default", **_: Any) -> None:
    """What is about to be migrated may be the trail."""
    if any(migration.app_label == "users" for migration, _backwards in plan):
        lift(using=using)


def lift(*, using: str = "default") -> None:
    """Take the guard away, as only a migration or a test has reason to."""
    connection = connections[using]
    of_table = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in _names(connection):
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{of_table}")


def missing(*, using: str = "default") -> list[str]:
    """The triggers that are not there, or do not act."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled IN ('O', 'A')"
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"
    with connection.cursor() as cursor:
        cursor.execute(query, [TABLE])
        there = {row[0] for row in cursor.fetchall()}
    return [name for name in _names(connection) if name not in there]


def _names(connection: BaseDatabaseWrapper) -> list[str]:
    kinds = ["update", "delete", *(["truncate"] if connection.vendor == "postgresql" else [])]
    return [f"audit_refuses_{kind}" for kind in kinds]


def _statements(connection: BaseDatabaseWrapper) -> list[str]:
    if connection.vendor == "postgresql":
        # The condition stands in the function's body: columns that a trigger names cannot be altered.
        return [
            f"""CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'UPDATE' THEN
                    IF {_allowed("IS NOT DISTINCT FROM")} THEN RETURN NEW; END IF;
                END IF;
                RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'restrict_violation';
            END $$""",
            _postgresql_trigger("update", "ROW"),
            _postgresql_trigger("delete", "ROW"),
            _postgresql_trigger("truncate", "STATEMENT"),
        ]
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    return [
        f"CREATE TRIGGER audit_refuses_update BEFORE UPDATE ON {TABLE} WHEN NOT ({_allowed('IS')}) {refuse}",
        f"CREATE TRIGGER audit_refuses_delete BEFORE DELETE ON {TABLE} {refuse}",
    ]


def _postgresql_trigger(kind: str, each: str) -> str:
    return (
        f"CREATE TRIGGER audit_refuses_{kind} BEFORE {kind.upper()} ON {TABLE} "
        f"FOR EACH {each} EXECUTE FUNCTION audit_refuse()"
    )


def _allowed(same: str) -> str:
    """Each part of the entry is as it was, or blanked as a whole."""
    parts = [f"(({_all(same, part)}) OR ({_blank(part)}))" for part in (_ACTOR, _OBJECT)]
    return " AND ".join([_all(same, _KEPT), *parts])


def _all(same: str, columns: tuple[str, ...]) -> str:
    return " AND ".join(f"NEW.{column} {same} OLD.{column}" for column in columns)


def _blank(columns: tuple[str, ...]) -> str:
    """Nothing in them but the number of the reason."""
    return " AND ".join(f"NEW.{column} {_nothing(column)}" for column in columns)


def _nothing(column: str) -> str:
    if column.endswith("_removal"):
        return "IS NOT NULL"
    if column in _EMPTY_TEXTS:
        return "= ''"
    return "= '{}'" if column == "detail" else "IS NULL"
