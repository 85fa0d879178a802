"""A visitor sees the answer while it is written, and is told the token first."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from tests.chat.visitors import ASK, QUESTION, Guest
from tests.loopback.mistral import LoopbackMistral
from tests.serving import Stream, shown

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("library"),
]


@contextmanager
def streamed(port: int, guest: Guest, message: str = QUESTION) -> Iterator[Stream]:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Visitor {guest.token}" if guest.token else "")
    stream = Stream(port, client, ASK, {"message": message, "session_id": guest.session or None})
    try:
        yield stream
    finally:
        stream.leave()


def test_the_first_event_has_conversation_and_token(port: int) -> None:
    guest = Guest()
    for messages in (2, 4):
        with streamed(port, guest) as stream:
            (name, first), *rest = stream
        assert (name, rest[-1][0], stream.response.status) == ("sources", "done", 200)
        guest.session, guest.token = first["session_id"], first["visitor_token"]
        assert first["sources"][0]["title"] == "Loans"
        assert shown(rest) == rest[-1][1]["content"]
        assert first["message_id"] == rest[-1][1]["id"]
        assert len(guest.read().json()["messages"]) == messages


def test_a_failure_is_told_kindly_and_the_conversation_is_kept(
    port: int, mistral: LoopbackMistral, settings: Settings
) -> None:
    settings.RAG = {**settings.RAG, "GENERATORS": settings.RAG["GENERATORS"][:1]}
    mistral.fail_next("error")
    guest = Guest()
    with streamed(port, guest) as stream:
        name, told = list(stream)[-1]
    assert (name, told["content"][:5]) == ("error", "Sorry")
    guest.session, guest.token = told["session_id"], told["visitor_token"]
    assert guest.read().json()["messages"][1]["content"] == told["content"]


def test_what_is_refused_before_the_first_event_is_a_problem(port: int) -> None:
    with streamed(port, Guest(token="forged")) as stream:
        refused = stream.response
        assert (refused.status, refused.headers["Content-Type"]) == (401, "application/problem+json")


def test_what_the_documents_do_not_say_is_streamed_too(port: int) -> None:
    with streamed(port, Guest(), "What is the boiling point of tungsten?") as stream:
        assert stream.until("done")["grounded"] is False
