"""`manage.py rebuild_index`: indexes are derived and may be lost."""

import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings
from rest_framework.test import APIClient

from documents.models import Chunk
from rag.models import Vector
from tests.knowledge import LOANS, submit
from tests.loopback.mistral import LoopbackMistral


def search(client: APIClient) -> list[str]:
    answer = client.get("/api/rag/search/", {"q": "How many books may I borrow?"})
    return [result["chunk_id"] for result in answer.json()["results"]]


def test_lost_indexes_are_made_again_from_the_database(editor_client: APIClient, settings: Settings) -> None:
    submit(editor_client, "Loans", LOANS)
    before, vectors = search(editor_client), Vector.objects.count()
    shutil.rmtree(Path(settings.RAG["INDEX_DIR"]))
    settings.RAG = {**settings.RAG}
    call_command("rebuild_index")
    assert search(editor_client) == before
    assert Vector.objects.count() == vectors


def test_a_question_rebuilds_small_indexes_by_itself(editor_client: APIClient, settings: Settings) -> None:
    submit(editor_client, "Loans", LOANS)
    before = search(editor_client)
    shutil.rmtree(Path(settings.RAG["INDEX_DIR"]))
    settings.RAG = {**settings.RAG}
    assert search(editor_client) == before


def test_after_a_change_of_the_embedder_the_missing_vectors_are_made(
    editor_client: APIClient, settings: Settings
) -> None:
    submit(editor_client, "Loans", LOANS)
    with LoopbackMistral() as server:
        mistral = {**settings.RAG["MISTRAL"], "api_key": server.key, "server_url": server.url}
        settings.RAG = {
            **settings.RAG,
            "EMBEDDER": "rag.embedders.mistral.MistralEmbedder",
            "MISTRAL": mistral,
            "PROVIDER_TIMEOUT": 1,
        }
        call_command("rebuild_index")
        assert Vector.objects.filter(space__name="mistral-embed").count() == Chunk.objects.count()
        results = editor_client.get("/api/rag/search/", {"q": "How many books?", "mode": "dense"}).json()
        assert (results["mode"], len(results["results"])) == ("dense", Chunk.objects.count())


def test_an_embedder_that_cannot_be_reached_is_a_clear_error(editor_client: APIClient, settings: Settings) -> None:
    submit(editor_client, "Loans", LOANS)
    with LoopbackMistral() as server:
        mistral = {**settings.RAG["MISTRAL"], "api_key": "wrong", "server_url": server.url}
        settings.RAG = {**settings.RAG, "EMBEDDER": "rag.embedders.mistral.MistralEmbedder", "MISTRAL": mistral}
        with pytest.raises(CommandError, match="Mistral"):
            call_command("rebuild_index")
