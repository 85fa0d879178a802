"""While the database cannot be asked everybody is told so, and what was acknowledged before is there afterwards."""

import threading
from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import Settings
from rest_framework.test import APIClient

from chat.models import Message
from tests.knowledge import HOURS, work
from tests.loopback.mistral import LoopbackMistral
from tests.loopback.server import Failure
from tests.promises.outages import database_away
from tests.serving import Served, streamed

pytestmark = pytest.mark.django_db(transaction=True)
SESSIONS = "/api/chat/sessions/"


@pytest.fixture
def mistral(settings: Settings, editor_client: APIClient) -> Iterator[LoopbackMistral]:
    """Somebody who takes a second to say seven words."""
    assert editor_client.post("/api/rag/index/", {"title": "Hours", "content": HOURS}).status_code == 202
    work()
    with LoopbackMistral() as server:
        server.behaviour = Failure("drip", seconds=0.1)
        settings.RAG = {
            **settings.RAG,
            "GENERATORS": ["rag.generators.mistral.MistralGenerator", *settings.RAG["GENERATORS"]],
            "MISTRAL": {**settings.RAG["MISTRAL"], "api_key": server.key, "server_url": server.url},
            "ANSWER_CACHE_SECONDS": 0,
        }
        yield server


def test_requests_are_told_to_come_back_and_nothing_is_kept_of_them(client: APIClient) -> None:
    kept = client.post(SESSIONS, {"title": "Before"}).json()
    with database_away():
        refused = client.post(SESSIONS, {"title": "Meanwhile"})
    assert (refused.status_code, refused.json()["code"], refused["Retry-After"]) == (503, "database_unavailable", "2")
    assert refused["Content-Type"] == "application/problem+json"
    assert client.post(SESSIONS, {"title": "After"}).status_code == 201
    titles = [session["title"] for session in client.get(SESSIONS).json()["results"]]
    assert titles == ["After", kept["title"]]


def test_so_are_those_who_hand_in_documents(editor_client: APIClient) -> None:
    upload = {"title": "Hours", "content": HOURS}
    with database_away():
        refused = editor_client.post("/api/rag/index/", upload)
    assert (refused.status_code, refused.json()["code"]) == (503, "database_unavailable")
    assert editor_client.post("/api/rag/index/", upload).status_code == 202


def test_an_answer_that_is_written_then_is_saved_as_it_is_told(client: APIClient, mistral: LoopbackMistral) -> None:
    mistral.scripted.append("The library is open from nine in the morning [1].")
    with Served() as server, streamed(server.port, client, "When is the library open?") as stream:
        stream.until("delta")

        def trouble() -> None:
            with database_away():
                threading.Event().wait(1.5)

        thread = threading.Thread(target=trouble)
        thread.start()
        name, told = [(name, body) for name, body in stream if name in ("done", "error")][-1]
        thread.join()
        connection.close()  # it has lost its session too
        message = Message.objects.get(sender_type="bot")
        if name == "done":
            assert (message.status, message.content) == ("complete", told["content"])
        else:
            assert told["code"] == "database_unavailable"
            assert (message.status, message.metadata) == ("failed", {"error": "database_unavailable"})
            assert "The library is open".startswith(message.content[:19]) or "Sorry" in message.content
