"""Whoever erases their account leaves nothing behind, wherever it was kept and wherever it was interrupted."""

import logging
import re
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from chat.models import Message
from documents.models import Document, Version
from rag.models import KnowledgeGap
from tests.conftest import PASSWORD, client_of
from tests.knowledge import HOURS, submit
from tests.users.persons import Filling, everywhere, hangs_on_accounts
from users import tombstones
from users.erasing import erasures_finish
from users.models import AuditEntry, Erasure, ErasureState, Role, User
from users.services import account_create, role_assign

ME = "/api/auth/me/"
NUMBER = 918_273_645
NAME, ADDRESS = "quirinus.zoltan", "quirinus@zoltan.example"
ASKED = "Where does professor Klabautermann hide the xylophone of Przemyśl?"
STAYING = "documents.", "learning.Course"
"""Of these the rows stay, without the person."""


@pytest.fixture(autouse=True)
def _place(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    settings.RAG = {**settings.RAG, "EMBEDDER": None}


@pytest.fixture
def person() -> User:
    return User.objects.create_user(NAME, ADDRESS, PASSWORD, pk=NUMBER)


@pytest.fixture
def root() -> User:
    return account_create(username="root", email="root@example.org", password=PASSWORD, role=Role.ADMIN)


def erase(client: APIClient, password: str = PASSWORD) -> Any:
    return client.delete(ME, {"password": password})


def verify() -> None:
    call_command("verify_audit", stdout=StringIO())


def lived(person: User, editor_client: APIClient) -> tuple[APIClient, Filling]:
    """Somebody who has asked, logged in everywhere, and has a row in every model that knows of accounts."""
    submit(editor_client, "Hours", HOURS)
    client = client_of(person)
    client.post("/api/chat/messages/", {"content": ASKED}, headers={"Idempotency-Key": "one-two"})
    client.post("/api/chatbot/query/", {"query": f"Please: {ASKED}"})
    client.post(
        "/v1/chat/completions", {"model": "grounded", "messages": [{"role": "user", "content": f"Hm, {ASKED}"}]}
    )
    client.patch(ME, {"username": NAME.upper()})
    client.post("/api/auth/keys/", {"name": "Notebook of Klabautermann", "scopes": ["chat"]})
    User.objects.filter(pk=NUMBER).update(is_staff=True)
    assert Client().login(username=NAME, password=PASSWORD)
    filling = Filling(User.objects.get(pk=NUMBER))
    for model in hangs_on_accounts():
        filling.fill(model)
    return client, filling


def test_nothing_of_the_person_is_left_anywhere(
    person: User, editor_client: APIClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    client, filling = lived(person, editor_client)
    going = [model for model in hangs_on_accounts() if not model._meta.label.startswith(STAYING)]
    texts = [text for model in going for text in filling.texts.get(model, ())]
    told = re.compile("|".join([NAME, ADDRESS, str(NUMBER), "Klabautermann", "xylophone", *texts]), re.IGNORECASE)
    before = {place for place, value in everywhere() if told.search(value)}
    assert {"rag_knowledgegap.question", "chat_message.content", "users_auditentry.before"} <= before
    assert any(place.startswith("Redis") for place in before)
    assert Session.objects.exists()
    assert erase(client).status_code == 204
    left = {place: value for place, value in everywhere() if told.search(value)}
    assert not left
    assert not Session.objects.exists()
    assert not told.search(caplog.text)
    verify()


def test_documents_stay_without_their_author(editor: User, root: User) -> None:
    client = client_of(editor)
    submit(client, "Hours", HOURS)
    assert erase(client).status_code == 204
    assert Document.objects.get().created_by is None
    assert Version.objects.get().created_by is None


def test_what_others_wrote_stays(person: User, client: APIClient, editor_client: APIClient) -> None:
    client.post("/api/chat/messages/", {"content": "Where do the otters sleep?"})
    theirs, _ = lived(person, editor_client)
    others = Message.objects.exclude(session__user=person).count(), KnowledgeGap.objects.count()
    assert erase(theirs).status_code == 204
    assert Message.objects.count() == others[0] == 2
    assert [gap.question for gap in KnowledgeGap.objects.all()] == ["Where do the otters sleep?"]
    assert client.get(ME).status_code == 200


def test_the_account_opens_nothing_any_more_and_its_name_is_free(
    person: User, anonymous: APIClient, django_user_model: Any
) -> None:
    client = client_of(person)
    assert erase(client).status_code == 204
    assert client.get(ME).status_code == 401
    assert anonymous.post("/api/auth/login/", {"username": NAME, "password": PASSWORD}).status_code == 401
    again = {"username": NAME, "email": ADDRESS, "password": PASSWORD}
    assert anonymous.post("/api/auth/register/", again).status_code == 201


@pytest.mark.parametrize(
    ("body", "code"), [({}, "invalid"), ({"password": ""}, "invalid"), ({"password": "not this"}, "wrong_password")]
)
def test_without_the_password_nothing_is_lost(person: User, body: dict[str, str], code: str) -> None:
    client = client_of(person)
    answer = client.delete(ME, body)
    assert (answer.status_code, answer.json()["code"], list(answer.json()["errors"])) == (400, code, ["password"])
    assert client.get(ME).json()["username"] == NAME
    assert not Erasure.objects.exists()


def test_the_last_admin_stays_until_there_is_another(root: User, user: User) -> None:
    client = client_of(root)
    refused = erase(client)
    assert (refused.status_code, refused.json()["code"]) == (409, "last_admin")
    assert client.get(ME).status_code == 200
    role_assign(user=user, role=Role.ADMIN, actor=root)
    assert erase(client).status_code == 204
    assert erase(client_of(user)).status_code == 409


def test_what_is_on_record_of_it_tells_of_nobody(person: User) -> None:
    erase(client_of(person))
    row, entry = Erasure.objects.get(), AuditEntry.objects.latest("id")
    assert (row.state, row.account_id, row.actor_id) == (ErasureState.DONE, None, None)
    assert (entry.action, entry.actor_id, entry.address, entry.request_id) == ("account.erase", None, "", "")


def test_an_admin_erases_an_account_on_the_admin_site(person: User, root: User) -> None:
    filling = Filling(person)
    for model in hangs_on_accounts():
        filling.fill(model)
    site = Client()
    site.login(username="root", password=PASSWORD)
    page = f"/admin/users/user/{NUMBER}/delete/"
    assert b"with all that is kept of this account" in site.get(page).content
    assert site.post(page, {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=NUMBER).exists()
    entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.actor_name) == ("account.erase", "root")
    refused = site.post(f"/admin/users/user/{root.pk}/delete/", {"post": "yes"}, follow=True)
    assert b"This is the last admin" in refused.content
    data = {"action": "delete_selected", "_selected_action": [str(root.pk)], "post": "yes"}
    assert b"This is the last admin" in site.post("/admin/users/user/", data, follow=True).content
    assert User.objects.filter(pk=root.pk).exists()
    verify()


def test_a_command_erases_accounts(person: User, user: User) -> None:
    with pytest.raises(CommandError, match="there is no account nobody"):
        call_command("erase_accounts", NAME, "nobody")
    told = StringIO()
    call_command("erase_accounts", NAME, user.email, stdout=told)
    assert told.getvalue() == "2 erased.\n"
    assert not User.objects.exists()


class Killed(BaseException):
    """As a signal that ends the process: nothing on the way up handles it."""


@pytest.fixture
def killing() -> Iterator[list[int]]:
    """After so many statements that are sent to the database, the process is no more."""
    left: list[int] = []

    def count(execute: Any, *statement: Any) -> Any:
        if left:
            left[0] -= 1
            if left[0] < 0:
                left.clear()  # what is rolled back then, the database rolls back
                raise Killed
        return execute(*statement)

    with connection.execute_wrapper(count):
        yield left


@pytest.mark.filterwarnings("ignore:.*ServerCursorMixin:pytest.PytestUnraisableExceptionWarning")  # left open by it
def test_wherever_it_is_killed_it_is_ended_afterwards(person: User, killing: list[int]) -> None:
    client = client_of(person)  # before there is a second factor
    filling = Filling(person)
    for model in hangs_on_accounts():
        filling.fill(model)
    killed = 0
    for statements in range(0, 1000, 5):
        before = transaction.savepoint()
        killing.append(statements)
        with suppress(Killed):
            assert erase(client).status_code == 204
            break
        killing.clear()
        killed += 1
        if Erasure.objects.exists():
            assert client.get(ME).status_code == 401
            assert erasures_finish() == 1
            assert not [place for place, value in everywhere() if NAME in value or str(NUMBER) in value]
            assert Erasure.objects.get().state == ErasureState.DONE
        else:
            assert client.get(ME).status_code == 200
        verify()
        transaction.savepoint_rollback(before)
    assert killed > 10


def test_after_a_restored_backup_it_is_erased_again(person: User, user: User) -> None:
    client, made = client_of(person), person.date_joined
    backup = transaction.savepoint()
    assert erase(client).status_code == 204
    transaction.savepoint_rollback(backup)
    assert User.objects.filter(pk=NUMBER).exists()
    assert not Erasure.objects.exists()
    told = StringIO()
    call_command("reapply_erasures", stdout=told)
    assert told.getvalue() == "1 account erased again.\n"
    assert not User.objects.filter(pk=NUMBER).exists()
    assert User.objects.filter(pk=user.pk).exists()
    # Somebody new, who was given the number that is free again.
    User.objects.create_user("noor", "noor@example.org", PASSWORD, pk=NUMBER)
    call_command("reapply_erasures", stdout=told)
    assert User.objects.get(pk=NUMBER).date_joined > made


def test_the_notes_of_erased_accounts_tell_nothing_and_bear_a_torn_line(person: User) -> None:
    tombstones.place().write_text("0123456789abcdef")
    erase(client_of(person))
    [note] = tombstones.noted()
    assert note == tombstones.account_mark(person)
    tombstones.note(note)
    assert tombstones.place().read_text().count(note) == 1


def test_notes_that_were_lost_are_taken_from_the_database(person: User) -> None:
    erase(client_of(person))
    noted = tombstones.noted()
    tombstones.place().unlink()
    call_command("reapply_erasures", stdout=StringIO())
    assert tombstones.noted() == noted != set()
    assert tombstones.place().stat().st_mode & 0o777 == 0o600


def test_a_worker_ends_what_was_begun(person: User) -> None:
    Erasure.objects.create(account_id=NUMBER, mark=tombstones.account_mark(person))
    call_command("run_worker", once=True)
    assert not User.objects.filter(pk=NUMBER).exists()
    assert Erasure.objects.get().state == ErasureState.DONE
