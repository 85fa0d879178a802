"""A server's pool of connections to PostgreSQL (utils/postgresql/)."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from django.db import connection

from utils.postgresql.base import DatabaseWrapper

pytestmark = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no connections to pool")


@pytest.fixture
def pooled() -> Iterator[DatabaseWrapper]:
    with pool_of(1) as wrapper:
        yield wrapper


@contextmanager
def pool_of(size: int) -> Iterator[DatabaseWrapper]:
    options = {"pool": {"min_size": size, "max_size": size, "timeout": 10}}
    wrapper = DatabaseWrapper({**connection.settings_dict, "OPTIONS": options}, alias="pooled")
    with closing(wrapper):
        yield wrapper
    wrapper.close_pool()


def answered(wrapper: DatabaseWrapper) -> int:
    """The number of the server process that answered; the connection goes back to the pool."""
    with closing(wrapper), wrapper.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        found: int = cursor.fetchone()[0]
        return found


def end(process: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [process])


def test_a_good_connection_is_used_again(pooled: DatabaseWrapper) -> None:
    assert answered(pooled) == answered(pooled)


def test_one_that_the_server_ended_is_replaced_without_a_word(pooled: DatabaseWrapper) -> None:
    first = answered(pooled)
    end(first)
    assert answered(pooled) != first


def test_all_are_replaced_after_a_restart() -> None:
    with pool_of(2) as pooled:
        ended = {answered(pooled) for _ in range(10)}
        for process in ended:
            end(process)
        assert answered(pooled) not in ended


def test_one_is_kept_to_which_the_server_said_something_by_itself(pooled: DatabaseWrapper) -> None:
    with pooled.cursor() as cursor:
        cursor.execute("LISTEN something")
        cursor.execute("SELECT pg_backend_pid()")
        listening = cursor.fetchone()[0]
    pooled.close()
    notify()
    assert answered(pooled) == listening


def notify() -> None:
    """A notification comes when its transaction is committed: that of the test never is."""
    other: Any = connection.copy()
    with closing(other), other.cursor() as cursor:
        cursor.execute("NOTIFY something")
