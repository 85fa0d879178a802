"""Answers made again and edited questions stream as others do, and a repeated request is told the end of the first."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from chat.beginning import exchange_begin
from chat.models import Message, Status
from chat.sse import event_stream_response
from rag.generators.base import Call, Delta, Finish, Prompt
from rag.generators.extractive import ExtractiveGenerator
from tests.serving import streamed
from users.models import User

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("library"),
]


def events_of(port: int, client: APIClient, content: str, path: str = "/api/chat/messages/") -> list[Any]:
    with streamed(port, client, content, path) as stream:
        return list(stream)


def test_regenerate_and_edit_stream(client: APIClient, port: int) -> None:
    (_, sources), *_, (_, first) = events_of(port, client, "How many books may a reader borrow?")
    *_, (last, again) = events_of(port, client, "", f"/api/chat/messages/{first['id']}/regenerate/")
    assert (last, again["siblings"]) == ("done", [first["id"], again["id"]])
    assert again["suggestions"]
    question = sources["user_message"]["id"]
    *_, (last, edited) = events_of(port, client, "How long does a loan last?", f"/api/chat/messages/{question}/edit/")
    assert (last, "four weeks" in edited["content"]) == ("done", True)
    assert client.get("/api/chat/usage/").json()["tokens_a_day"]["answers"] == 3


def test_a_repeated_request_is_told_the_end_alone(client: APIClient) -> None:
    body, headers = {"content": "How many books may a reader borrow?"}, {"Idempotency-Key": "one"}
    first = client.post("/api/chat/messages/", body, headers=headers).json()["bot_message"]
    again = client.post("/api/chat/messages/", body, headers={**headers, "Accept": "text/event-stream"})
    assert again["Content-Type"] == "text/event-stream"
    assert again.content.startswith(b"event: done\n")
    assert first["id"] in again.content.decode()
    assert Message.objects.count() == 2


class Panicking(ExtractiveGenerator):
    """As a library does that is written in Rust and meets what it did not expect."""

    async def stream(self, prompt: Prompt, *, timeout: float) -> AsyncGenerator[Delta | Call | Finish, None]:
        yield Delta("A reader ")
        raise BaseException("index out of bounds")


def test_an_answer_over_which_a_library_panics_ends_and_is_saved(
    client: APIClient, port: int, settings: Settings
) -> None:
    settings.RAG = {**settings.RAG, "GENERATORS": [f"{__name__}.Panicking"]}
    *_, (last, told) = events_of(port, client, "How many books may a reader borrow?")
    assert (last, told["code"], told["content"]) == ("error", "internal_error", "A reader")
    saved = client.get(f"/api/chat/messages/{told['message_id']}/").json()
    assert (saved["status"], saved["content"]) == ("failed", "A reader")


def test_an_answer_that_nobody_waits_for_before_it_begins_is_stopped(user: User) -> None:
    exchange = exchange_begin(user=user, content="How long does a loan last?")
    event_stream_response(exchange).close()
    assert Message.objects.get(pk=exchange.answer.pk).status == Status.STOPPED
