"""A service that keeps failing costs three questions their patience; those after them do without it at once."""

import time
from collections.abc import Iterator

import pytest
from django.core.management import CommandError
from pytest_django import Settings
from rest_framework.test import APIClient

from documents.models import State, Version
from tests.knowledge import HOURS, LOANS, submit, work
from tests.loopback.mistral import LoopbackMistral
from tests.loopback.pinecone import LoopbackPinecone
from tests.loopback.server import Failure, LoopbackServer

QUESTION = "Until when is the library open in the evening, case {}?"


@pytest.fixture
def mistral(settings: Settings) -> Iterator[LoopbackMistral]:
    with LoopbackMistral() as server:
        settings.RAG = {
            **settings.RAG,
            "EMBEDDER": "rag.embedders.mistral.MistralEmbedder",
            "MISTRAL": {**settings.RAG["MISTRAL"], "api_key": server.key, "server_url": server.url},
        }
        yield server


@pytest.fixture
def pinecone(settings: Settings) -> Iterator[LoopbackPinecone]:
    with LoopbackPinecone() as server:
        settings.RAG = {
            **settings.RAG,
            "VECTOR_STORE": "rag.stores.pinecone.PineconeStore",
            "PINECONE": {**settings.RAG["PINECONE"], "api_key": server.key, "host": server.url},
        }
        server.add_index(settings.RAG["PINECONE"]["index"], 384)
        yield server


def mode_of(client: APIClient, number: int) -> str:
    answer = client.get("/api/rag/search/", {"q": QUESTION.format(number)}).json()
    assert answer["results"][0]["title"] == "Hours"
    return str(answer["mode"])


def left_alone(client: APIClient, service: LoopbackServer) -> None:
    """It says three times to come back tomorrow, and then would keep everybody waiting."""
    service.behaviour = Failure("rate_limit", retry_after="86400")
    for number in range(3):
        mode_of(client, number)
    service.behaviour = Failure("hang")
    asked, began = len(service.requests), time.monotonic()
    for number in range(3, 8):
        mode_of(client, number)
    assert len(service.requests) == asked
    assert time.monotonic() - began < 15  # not five times five seconds, however busy the machine is


def test_an_embedder(editor_client: APIClient, mistral: LoopbackMistral) -> None:
    submit(editor_client, "Hours", HOURS)
    assert mode_of(editor_client, -1) == "hybrid"
    left_alone(editor_client, mistral)
    assert mode_of(editor_client, 9) == "lexical"


def test_what_is_known_of_a_question_is_used_all_the_same(editor_client: APIClient, mistral: LoopbackMistral) -> None:
    submit(editor_client, "Hours", HOURS)
    assert mode_of(editor_client, -1) == "hybrid"
    left_alone(editor_client, mistral)
    assert mode_of(editor_client, -1) == "hybrid"


def test_vectors_of_another_length(editor_client: APIClient, mistral: LoopbackMistral) -> None:
    submit(editor_client, "Hours", HOURS)
    mistral.behaviour = Failure("wrong_length")
    assert mode_of(editor_client, -1) == "lexical"
    editor_client.post("/api/rag/index/", {"title": "Loans", "content": LOANS})
    with pytest.raises(CommandError, match="shape"):
        work()
    mistral.behaviour = None
    work()
    assert mode_of(editor_client, -2) == "hybrid"
    assert not Version.objects.exclude(state=State.PUBLISHED).exists()


def test_a_vector_store(editor_client: APIClient, pinecone: LoopbackPinecone) -> None:
    submit(editor_client, "Hours", HOURS)
    left_alone(editor_client, pinecone)
