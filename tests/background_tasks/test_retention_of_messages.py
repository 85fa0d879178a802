"""Old messages go with all that hangs on them, by the days of whose they are; a conversation goes on with the rest."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, models, transaction
from django.db.models import signals
from django.utils import timezone
from pydantic import ValidationError
from pytest_django import Settings
from rest_framework.test import APIClient

from background_tasks.retention import HISTORY, retention_apply
from chat.models import (
    AnswerTrace,
    AskedOnce,
    Citation,
    Feedback,
    Message,
    Outcome,
    Rating,
    Sender,
    Session,
    Status,
    ToolCall,
    Usage,
    Visitor,
)
from chat.purging import hanging_on_messages
from config.env import Environment
from config.roles import ROLES
from documents.models import Asker
from tests.chat.visitors import Guest
from users.models import Role, User

NOW = timezone.now()


@pytest.fixture(autouse=True)
def _days(settings: Settings) -> None:
    settings.RAG = {**settings.RAG, "EMBEDDER": None}
    settings.KEPT_DAYS = dict.fromkeys(settings.KEPT_DAYS, 0) | {"conversations": 30}
    settings.KEPT_DAYS_BY_ROLE = {}
    settings.VISITORS = {**settings.VISITORS, "KEPT_DAYS": 30}


def ask(client: APIClient, content: str, **fields: Any) -> str:
    """Returns the session."""
    answer = client.post("/api/chat/messages/", {"content": content, **fields})
    assert answer.status_code == 201, answer.content
    session: str = answer.json()["user_message"]["session_id"]
    return session


def age(days: int, **which: Any) -> None:
    Message.objects.filter(**which).update(timestamp=NOW - timedelta(days=days))


def shown(client: APIClient, session: str) -> list[str]:
    """The questions that are shown."""
    listed = client.get(f"/api/chat/sessions/{session}/messages/").json()["results"]
    assert [message["sender_type"] for message in listed] == ["user", "bot"] * (len(listed) // 2)
    return [message["content"] for message in listed[::2]]


def apply() -> dict[str, int]:
    counted = retention_apply(now=NOW, dry_run=True, only=HISTORY)
    removed = retention_apply(now=NOW, only=HISTORY)
    assert removed == counted
    return {name: count for name, count in removed.items() if count}


def test_a_conversation_goes_on_with_what_is_young(client: APIClient) -> None:
    session = ask(client, "Where do the otters sleep?")
    ask(client, "Who feeds them?", session_id=session)
    age(31)
    ask(client, "What do they eat?", session_id=session)
    ask(client, "And when?", session_id=session)
    before = Session.objects.get().updated_at
    assert apply() == {"messages": 4}
    assert shown(client, session) == ["What do they eat?", "And when?"]
    row = Session.objects.get()
    assert (row.title, row.updated_at) == ("What do they eat?", before)  # it told the words that are gone
    assert list(Message.objects.order_by("position").values_list("position", flat=True)) == [4, 5, 6, 7]
    ask(client, "Where is that?", session_id=session)
    assert shown(client, session) == ["What do they eat?", "And when?", "Where is that?"]
    assert apply() == {}


def test_a_title_that_somebody_gave_stays(client: APIClient) -> None:
    session = ask(client, "Where do the otters sleep?")
    client.patch(f"/api/chat/sessions/{session}/", {"title": "Otters"})
    age(31)
    ask(client, "Who feeds them?", session_id=session)
    assert apply() == {"messages": 2}
    assert Session.objects.get().title == "Otters"


def test_an_old_question_stays_as_long_as_its_youngest_answer(client: APIClient) -> None:
    session = ask(client, "Where do the otters sleep?")
    age(31)
    answer = Message.objects.get(sender_type=Sender.BOT)
    assert client.post(f"/api/chat/messages/{answer.pk}/regenerate/").status_code == 201
    assert apply() == {}
    assert shown(client, session) == ["Where do the otters sleep?"]
    assert Message.objects.count() == 3
    age(31)
    assert apply() == {"messages": 3, "conversations": 1}


def test_an_answer_that_is_still_written_is_left_alone(client: APIClient) -> None:
    ask(client, "Where do the otters sleep?")
    age(31)
    Message.objects.filter(sender_type=Sender.BOT).update(status=Status.STREAMING)
    assert apply() == {}


def test_what_hangs_on_a_message_goes_with_it_and_the_use_by_day_stays(client: APIClient, user: User) -> None:
    for client_key in ("old", "young"):
        client.post("/api/chat/messages/", {"content": client_key}, headers={"Idempotency-Key": client_key})
    for answer in Message.objects.filter(sender_type=Sender.BOT):
        Citation.objects.create(
            message=answer, marker=1, chunk_id="x", document_id=answer.pk, version=1, char_start=0, char_end=1
        )
        AnswerTrace.objects.get_or_create(
            message=answer, defaults={"revision": 1, "confidence": 1, "search": {}, "passages": []}
        )
        Feedback.objects.create(message=answer, rating=Rating.HELPFUL)
        ToolCall.objects.create(answer=answer, position=0, name="x", outcome=Outcome.OK)
    beside = (Citation, AnswerTrace, Feedback, ToolCall, AskedOnce)
    assert {model._default_manager.count() for model in beside} == {2}
    age(31, session__title="old")
    assert apply() == {"messages": 2, "conversations": 1}
    assert {model._default_manager.count() for model in beside} == {1}
    assert Usage.objects.get().answers == 2


def test_whatever_hangs_on_messages_is_to_go_with_them_and_nobody_listens_to_that() -> None:
    for model, name in hanging_on_messages():
        relation = model._meta.get_field(name)
        assert isinstance(relation, models.ForeignKey)
        assert relation.remote_field.on_delete is models.CASCADE, f"chat/purging.py deletes rows of {model}"
    for signal in (signals.pre_delete, signals.post_delete):
        assert not signal.has_listeners(Message), "chat/purging.py sends no signal"


def test_old_sessions_in_which_nothing_was_ever_asked_go(client: APIClient) -> None:
    for title in ("old", "young"):
        assert client.post("/api/chat/sessions/", {"title": title}).status_code == 201
    Session.objects.filter(title="old").update(updated_at=NOW - timedelta(days=31))
    assert apply() == {"conversations": 1}
    assert Session.objects.get().title == "young"


def test_roles_have_days_of_their_own(settings: Settings) -> None:
    settings.KEPT_DAYS_BY_ROLE = {"editor": 365, "admin": 0, "student": 7}
    days = {"user": 31, "teacher": 29, "student": 8, "editor": 364, "admin": 4000}
    for role, old in days.items():
        user = User.objects.create(username=role, role=role)
        ask_as(user, role)
        age(old, session__user=user)
    assert apply() == {"messages": 4, "conversations": 2}
    assert set(Session.objects.values_list("user__role", flat=True)) == {"teacher", "editor", "admin"}
    age(366)
    settings.KEPT_DAYS["conversations"] = 0
    assert apply() == {"messages": 2, "conversations": 1}
    assert set(Session.objects.values_list("user__role", flat=True)) == {"teacher", "admin"}


def ask_as(user: User, content: str) -> None:
    session = Session.objects.create(user=user, title=content)
    question = Message.objects.create(session=session, position=0, sender_type=Sender.USER, chosen=True)
    Message.objects.create(session=session, parent=question, position=1, sender_type=Sender.BOT, chosen=True)


def test_visitors_have_days_of_their_own_and_go_with_their_last_message(client: APIClient, settings: Settings) -> None:
    settings.KEPT_DAYS["conversations"] = 0
    ask(client, "Where do the otters sleep?")
    gone, living = Guest(), Guest()
    gone.ask()
    living.ask("Are there otters?")
    age(31)
    living.ask("Who feeds them?")
    assert apply() == {"messages": 4, "conversations": 1, "visitors": 1}
    assert gone.read().status_code == 404
    assert [row["content"] for row in living.read().json()["messages"]][::2] == ["Who feeds them?"]
    assert Visitor.objects.count() == 1
    assert Session.objects.filter(user__isnull=False).count() == 1


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
                left.clear()
                raise Killed
        return execute(*statement)

    with connection.execute_wrapper(count):
        yield left


def test_wherever_it_is_killed_the_next_run_goes_on(client: APIClient, killing: list[int]) -> None:
    session = ask(client, "Where do the otters sleep?")
    age(31)
    ask(client, "Who feeds them?", session_id=session)
    ask(client, "When?")
    Guest().ask()
    age(31, session__visitor__isnull=False)
    counted = retention_apply(now=NOW, dry_run=True, only=HISTORY)
    killed = 0
    for statements in range(1000):
        before = transaction.savepoint()
        killing.append(statements)
        with suppress(Killed):
            assert retention_apply(now=NOW, only=HISTORY) == counted
            break
        killing.clear()
        transaction.set_rollback(False)  # nothing is wrong with the transaction of the test
        killed += 1
        assert shown(client, session)[-1] == "Who feeds them?"
        retention_apply(now=NOW, only=HISTORY)
        assert (shown(client, session), Message.objects.count()) == (["Who feeds them?"], 4)
        assert not any(retention_apply(now=NOW, only=HISTORY).values())
        transaction.savepoint_rollback(before)
    assert killed > 20


def test_days_by_role_are_read_and_wrong_ones_are_refused() -> None:
    read = Environment(conversations_kept_days_by_role="editor=365, admin=0")
    assert read.conversations_kept_days_by_role == {"editor": 365, "admin": 0}
    for wrong, why in (
        ("editor", "'editor' is not like editor=365"),
        ("editor=-1", "'editor=-1' is not like editor=365"),
        ("boss=3", "'boss' is no role; there are user, student, teacher, editor, admin"),
        ("editor=1,editor=2", "the role 'editor' is named twice"),
    ):
        with pytest.raises(ValidationError, match=why):
            Environment(conversations_kept_days_by_role=wrong)
    assert set(ROLES) == set(Role.values)
    assert Asker.VISITOR not in ROLES
