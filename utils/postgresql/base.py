"""Django's PostgreSQL, whose pooled connections are looked at without asking the server."""

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg import OperationalError
from psycopg_pool import ConnectionPool


class DatabaseWrapper(base.DatabaseWrapper):
    """Django would have the pool send an empty statement each time that a connection is taken from it.

    That costs as much as a small query. Of a connection that the server has ended, or the keepalives have given up, the
    socket can be read, so this asks the kernel.
    """

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """One that is good; raises psycopg_pool.PoolTimeout (an OperationalError) where none is to be had."""
        connection = super().get_new_connection(conn_params)
        while self.pool and not _is_good(connection):
            connection.close()
            self.pool.putconn(connection)  # which makes another in its place
            connection = super().get_new_connection(conn_params)
        return connection


def _is_good(connection: Any) -> bool:
    if connection.closed:
        return False
    socket = select.poll()
    socket.register(connection.fileno(), select.POLLIN)
    if not socket.poll(0):
        return True
    try:
        ConnectionPool.check_connection(connection)  # it may have said something else, as that a setting changed
    except OperationalError:
        return False
    return True
