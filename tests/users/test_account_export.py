"""Everything that is kept of somebody, as one JSON file, written row by row."""

import json
import tracemalloc
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from chat.models import Citation, Message, Sender, Session
from tests.chat.visitors import Guest
from tests.conftest import PASSWORD, client_of
from tests.serving import Served
from tests.users.persons import Filling, hangs_on_accounts
from users.models import ApiKey, AuditEntry, User

ADDRESS = "/api/auth/me/export/"


@pytest.fixture(autouse=True)
def _place(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    settings.RAG = {**settings.RAG, "EMBEDDER": None}


def export(client: APIClient) -> dict[str, Any]:
    answer = client.get(ADDRESS)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert answer["Content-Disposition"] == 'attachment; filename="grounded-export.json"'
    assert answer["Cache-Control"] == "no-store"
    body: dict[str, Any] = json.loads(answer.getvalue())
    return body


def test_a_row_of_every_model_that_hangs_on_accounts_is_in_it(user: User, client: APIClient) -> None:
    filling = Filling(user)
    for model in hangs_on_accounts():
        filling.fill(model)
    text = json.dumps(export(client))
    told_by: dict[str, Callable[[Any], str]] = {  # of those that have no text of their own
        "users.User": lambda row: row.username,
        "users.User_groups": lambda row: row.group.name,
        "users.User_user_permissions": lambda row: row.permission.codename,
        "chat.Usage": lambda row: row.day.isoformat(),
        "documents.Invitation": lambda row: row.collection.slug,
        "learning.Enrolment": lambda row: row.course.title,
        "learning.Learner": lambda row: "streak_days",
        "learning.TopicCompletion": lambda row: row.topic.title,
        "learning.TutoringQuestion": lambda row: row.state,  # it has not been asked yet
        "documents.Job": lambda row: str(row.pk),
        # Secrets, of which only that there are some is told.
        "users.SecondFactor": lambda row: "second_factor",
        "users.RecoveryCode": lambda row: "recovery_codes_left",
        "users.SignOn": lambda row: "sign_ons",
    }
    for model, row in filling.rows.items():
        if model in hangs_on_accounts():
            own = told_by.get(model._meta.label)
            marks = [own(row)] if own else [f'{mark}"' for mark in filling.texts[model]]
            assert any(f'"{mark}' in text for mark in marks), model._meta.label


def test_it_holds_what_was_asked_answered_and_said(user: User, client: APIClient) -> None:
    message = client.post("/api/chat/messages/", {"content": "Where do the otters sleep?"}).json()["bot_message"]
    client.post(f"/api/chat/messages/{message['id']}/feedback/", {"feedback": "not_helpful", "comment": "In holts."})
    guest = Guest()
    guest.ask("Who feeds the otters?")
    claimed = client.post(f"/api/chatbot/session/{guest.session}/claim/", {"visitor_token": guest.token})
    assert claimed.status_code == 200
    key = client.post("/api/auth/keys/", {"name": "Notebook", "scopes": ["chat"]}).json()["key"]
    assert Client().login(username=user.username, password=PASSWORD)
    body = export(client)
    assert {"account", "conversations", "usage", "api_keys", "audit_own_deeds", "documents"} <= body.keys()
    assert (body["account"]["username"], body["account"]["email"]) == ("ada", "ada@example.org")
    asked, answered = body["conversations"][0]["messages"]
    assert (asked["content"], asked["sender_type"]) == ("Where do the otters sleep?", "user")
    assert (answered["id"], answered["parent_id"]) == (message["id"], asked["id"])
    assert (answered["rating"], answered["comment"]) == ("not_helpful", "In holts.")
    assert body["conversations"][1]["messages"][0]["content"] == "Who feeds the otters?"
    gaps = [gap["question"] for gap in body["unanswered_questions"]]
    assert gaps == ["Where do the otters sleep?", "Who feeds the otters?"]
    assert len(body["admin_site_logins"]) == 1
    assert body["audit_own_deeds"][0]["action"] == "api_key.create"
    text = json.dumps(body)
    assert not [secret for secret in (key, ApiKey.objects.get().digest, user.password) if secret in text]


def test_nobody_gets_what_is_somebody_else_s(client: APIClient, editor: User, anonymous: APIClient) -> None:
    client_of(editor).post("/api/chat/messages/", {"content": "Where do the otters sleep?"})
    body = export(client)
    assert "otters" not in json.dumps(body)
    assert "edda" not in json.dumps(body)
    assert anonymous.get(ADDRESS).status_code == 401


def test_it_is_on_record(user: User, client: APIClient) -> None:
    export(client)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_id, entry.address) == ("account.export", user.pk, "127.0.0.1")


def test_a_long_history_takes_no_more_memory(user: User, client: APIClient) -> None:
    session = Session.objects.create(user=user, title="Long")
    rows = [Message(session=session, position=n, sender_type=Sender.USER, content="word " * 12_000) for n in range(340)]
    Message.objects.bulk_create(rows)
    Citation.objects.create(message=rows[-1], marker=1, chunk_id="a:1:0", document_id=session.pk, version=1,
                            title="T", char_start=0, char_end=1, text="cited last")  # fmt: skip
    del rows
    tracemalloc.start()
    answer = client.get(ADDRESS)
    size = sum(len(piece) for piece in answer)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 20_000_000
    assert peak < 7_000_000


@pytest.mark.django_db(transaction=True)
def test_a_server_sends_it_as_a_stream(client: APIClient) -> None:
    with Served() as server:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=20)
        connection.request("GET", ADDRESS, headers={"Authorization": client._credentials["HTTP_AUTHORIZATION"]})  # type: ignore[attr-defined]
        answer = connection.getresponse()
        body = json.loads(answer.read())
        connection.close()
    assert answer.status == 200
    assert body["account"]["username"] == "ada"
