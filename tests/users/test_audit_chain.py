"""The audit trail is one chain that the database guards; what is done to it all the same is found."""

import threading
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings

from users import audit_guard
from users.audit import audit_record
from users.models import AuditEntry, AuditHead, User

WRITERS, EACH = 4, 25


def record(actor: User | None = None, number: int = 1, **told: Any) -> AuditEntry:
    fields: dict[str, Any] = {"action": "document.delete", "object_type": "document", "object_id": str(number), **told}
    return audit_record(actor=actor, **fields)


def verify(expect: str = "") -> str:
    """The checkpoint. Raises CommandError."""
    told = StringIO()
    call_command("verify_audit", expect=expect, stdout=told)
    return told.getvalue().split()[-1]


def execute(sql: str, *values: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.fixture
def five(user: User) -> None:
    for number in range(1, 6):
        record(user, number, detail={"share": 0.5}, before={"title": "a"}, after={"title": "ä", "list": [1, None]})


@pytest.mark.usefixtures("five")
def test_what_is_whole_verifies_and_has_a_checkpoint_that_holds_later() -> None:
    checkpoint = verify()
    assert checkpoint.startswith("5:")
    record()
    assert verify(expect=checkpoint).startswith("6:")


def test_an_empty_trail_verifies() -> None:
    assert verify() == "0:"


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE users_auditentry SET action = 'document.update' WHERE id = 3",
        "UPDATE users_auditentry SET actor_name = 'eve' WHERE id = 3",
        "UPDATE users_auditentry SET actor_name = '' WHERE id = 3",
        "UPDATE users_auditentry SET object_id = '', object_salt = '' WHERE id = 3",
        "UPDATE users_auditentry SET actor_removal = '0b6c7f5e3d0a4c539a436a4f2f9f6f10'",
        "UPDATE users_auditentry SET id = 99 WHERE id = 5",
        "UPDATE users_auditentry SET hash = ''",
        "DELETE FROM users_auditentry WHERE id = 5",
        "DELETE FROM users_auditentry",
    ],
)
def test_sql_that_changes_it_is_refused(sql: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"):
        execute(sql)
    assert verify().startswith("5:")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite knows no TRUNCATE")
@pytest.mark.usefixtures("five")
def test_truncate_is_refused() -> None:
    with pytest.raises(DatabaseError, match="append-only"):
        execute("TRUNCATE users_auditentry")


def _cut_off(after: int) -> None:
    """The end, and what notes that there was more."""
    AuditHead.objects.update(number=after, hash=AuditEntry.objects.get(pk=after).hash)
    AuditEntry.objects.filter(pk__gt=after).delete()


BLANK = (
    "UPDATE users_auditentry SET actor_id = NULL, actor_name = '', address = '', request_id = '', actor_salt = '', "
    "actor_removal = %s WHERE id = 3"
)
TAMPERED: dict[str, tuple[Callable[[], object], str]] = {
    "action": (lambda: AuditEntry.objects.filter(pk=3).update(action="x.y"), "Entry 3 is at fault. It was changed"),
    "time": (lambda: AuditEntry.objects.filter(pk=2).update(at="2020-01-01T00:00Z"), "Entry 2 is at fault. It was"),
    "actor": (lambda: AuditEntry.objects.filter(pk=4).update(actor_name="eve"), "Entry 4 is at fault. Its actor"),
    "object": (lambda: AuditEntry.objects.filter(pk=4).update(after={"title": "b"}), "Entry 4 is at fault. Its object"),
    "salt": (lambda: AuditEntry.objects.filter(pk=4).update(object_salt=""), "Entry 4 is at fault. Its object"),
    "taken out": (lambda: AuditEntry.objects.filter(pk=3).delete(), "Entry 4 is at fault. 1 before it are missing"),
    "first": (lambda: AuditEntry.objects.filter(pk=1).delete(), "Entry 2 is at fault. 1 before it are missing"),
    "end": (lambda: AuditEntry.objects.filter(pk__gt=3).delete(), "5 were written, 3 are there"),
    "end and note": (lambda: _cut_off(3), "may have been cut off"),
    "note": (lambda: AuditHead.objects.all().delete(), "There are entries after the last one"),
    "blanked": (lambda: execute(BLANK, "0b6c7f5e3d0a4c539a436a4f2f9f6f10"), "Nothing accounts for what was blanked"),
}


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_done_without_the_guard_is_found(what: str) -> None:
    tamper, said = TAMPERED[what]
    audit_guard.lift()
    tamper()
    audit_guard.lay()
    with pytest.raises(CommandError, match=said):
        verify()


@pytest.mark.usefixtures("five")
def test_a_trail_that_was_emptied_with_its_note_is_found_by_a_checkpoint_alone() -> None:
    checkpoint = verify()
    audit_guard.lift()
    AuditEntry.objects.all().delete()
    AuditHead.objects.all().delete()
    audit_guard.lay()
    assert verify() == "0:"
    with pytest.raises(CommandError, match="The checkpoint that was expected is not in it"):
        verify(expect=checkpoint)


@pytest.mark.usefixtures("five")
def test_another_key_is_told_as_what_it_may_be(settings: Settings) -> None:
    settings.AUDIT_KEY = "another key"
    with pytest.raises(CommandError, match="It was changed, or AUDIT_KEY is not the key"):
        verify()


def test_a_guard_that_is_gone_is_missed() -> None:
    audit_guard.lift()
    with pytest.raises(CommandError, match="The database does not guard it: audit_refuses_update"):
        verify()
    call_command("migrate", verbosity=0)
    assert verify() == "0:"


def test_what_is_rolled_back_leaves_no_gap() -> None:
    record(number=1)
    with transaction.atomic():
        record(number=2)
        transaction.set_rollback(True)
    record(number=3)
    assert list(AuditEntry.objects.order_by("id").values_list("id", "object_id")) == [(1, "1"), (2, "3")]
    assert verify().startswith("2:")


@pytest.mark.django_db(transaction=True)
def test_parallel_writers_make_one_chain() -> None:
    def write(writer: int) -> None:
        try:
            for number in range(EACH):
                with transaction.atomic():
                    record(number=writer * EACH + number)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=[writer]) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verify().startswith(f"{WRITERS * EACH}:")
    assert len(set(AuditEntry.objects.values_list("object_id", flat=True))) == WRITERS * EACH


@pytest.mark.parametrize(("key", "found"), [("", False), ("k" * 32, False), ("k" * 31, True)])
def test_a_key_that_is_short_is_an_error(settings: Settings, key: str, found: bool) -> None:
    settings.AUDIT_KEY = key
    assert found == any(message.id == "users.E005" for message in run_checks(tags=["security"]))
