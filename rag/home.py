"""Where the database lives: a copy or a restored one lives elsewhere, though it holds the same rows."""

import os

from django.db import DatabaseError, connection, transaction


def database_home() -> str:
    """Differs between a database and its copy. Empty where it cannot be told.

    PostgreSQL: the cluster's identifier and the database's number in it; a copy of the whole cluster, block by block,
    has the same. SQLite: the inode of the file.
    """
    try:
        if connection.vendor == "postgresql":
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "SELECT system_identifier::text, oid::text FROM pg_control_system(), pg_database "
                    "WHERE datname = current_database()"
                )
                return ":".join(cursor.fetchone())
        return str(os.stat(connection.settings_dict["NAME"]).st_ino)
    except (DatabaseError, OSError, TypeError):
        return ""
