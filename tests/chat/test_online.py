"""The whole way online: the real Mistral and Pinecone SDKs against loopback services that speak their protocols."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from pytest_django import Settings
from rest_framework.test import APIClient

from documents.models import Chunk, Version
from tests.knowledge import HOURS, LOANS, submit
from tests.loopback.mistral import LoopbackMistral
from tests.loopback.pinecone import LoopbackPinecone


@pytest.fixture
def services(settings: Settings) -> Iterator[tuple[LoopbackMistral, LoopbackPinecone]]:
    with LoopbackMistral() as mistral, LoopbackPinecone() as pinecone:
        settings.RAG = {
            **settings.RAG,
            "EMBEDDER": "rag.embedders.mistral.MistralEmbedder",
            "VECTOR_STORE": "rag.stores.pinecone.PineconeStore",
            "GENERATORS": ["rag.generators.mistral.MistralGenerator", *settings.RAG["GENERATORS"]],
            "MISTRAL": {**settings.RAG["MISTRAL"], "api_key": mistral.key, "server_url": mistral.url},
            "PINECONE": {
                **settings.RAG["PINECONE"],
                "api_key": pinecone.key,
                "host": pinecone.url,
                "controller_url": pinecone.url,
            },
            "PROVIDER_TIMEOUT": 5,
        }
        call_command("create_index")
        yield mistral, pinecone


def test_the_handbook_answers_by_the_model_and_refuses_what_it_does_not_hold(
    client: APIClient, services: tuple[LoopbackMistral, LoopbackPinecone]
) -> None:
    call_command("populate_documents")
    _, pinecone = services
    assert len([r for r in pinecone.requests if r.path == "/vectors/upsert"]) >= Chunk.objects.count() / 100
    bot = client.post("/api/chat/messages/", {"content": "How do I index a PDF?"}).json()["bot_message"]
    assert bot["model"] not in ("extractive", "none")
    assert bot["grounded"] is True
    assert "PDF" in bot["content"]
    for citation in bot["citations"]:
        version = Version.objects.get(document=citation["document_id"], number=citation["version"])
        assert version.text[citation["char_start"] : citation["char_end"]] == citation["text"]
    assert [r for r in pinecone.requests if r.path == "/query"]
    question = {"content": "What is the boiling point of tungsten?"}
    refused = client.post("/api/chat/messages/", question).json()["bot_message"]
    assert refused["grounded"] is False
    assert "I don't have specific information about this topic" in refused["content"]


def test_pinecone_follows_what_is_published_and_deleted(
    editor_client: APIClient, services: tuple[LoopbackMistral, LoopbackPinecone]
) -> None:
    hours = submit(editor_client, "Hours", HOURS)["documents"][0]["id"]
    submit(editor_client, "Loans", LOANS)
    status = editor_client.get("/api/rag/status/").json()
    assert status["store"] == "PineconeStore"
    assert {(index["count"], index["lag"]) for index in status["indexes"]} == {(Chunk.objects.count(), 0)}
    editor_client.delete(f"/api/documents/{hours}/")
    found = editor_client.get("/api/rag/search/", {"q": "When is the library open?", "top_k": "50"}).json()["results"]
    assert hours not in {result["document_id"] for result in found}
    call_command("run_worker", once=True)
    status = editor_client.get("/api/rag/status/").json()
    assert {(index["count"], index["lag"]) for index in status["indexes"]} == {(Chunk.objects.count(), 0)}


def test_with_pinecone_gone_the_words_still_find_the_answer(
    client: APIClient, editor_client: APIClient, services: tuple[LoopbackMistral, LoopbackPinecone]
) -> None:
    submit(editor_client, "Loans", LOANS)
    services[1].stop()
    bot = client.post("/api/chat/messages/", {"content": "How many books may a reader borrow?"}).json()["bot_message"]
    assert bot["status"] == "complete"
    assert "seven books" in bot["content"]
