"""A deleted document is gone from the next answer, and from a shared store once the store can be reached and seen."""

import math
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError
from django.db import connection
from filelock import Timeout
from pytest_django import Settings
from rest_framework.test import APIClient

from rag.boundaries import embedder, vector_store
from rag.followers import SharedVectorFollower, vector_follower
from rag.stores.base import VectorStore
from tests.knowledge import HOURS, LOANS, submit, work
from tests.loopback.pinecone import LoopbackPinecone
from tests.loopback.server import Failure

QUESTION = "How many books may I borrow?"


@pytest.fixture
def server(settings: Settings) -> Iterator[LoopbackPinecone]:
    with LoopbackPinecone() as server:
        server.add_index("grounded", 384)
        rag = deepcopy(django_settings.RAG)
        rag |= {"VECTOR_STORE": "rag.stores.pinecone.PineconeStore", "PROVIDER_TIMEOUT": 0.3}
        rag["PINECONE"] |= {"api_key": server.key, "index": "grounded", "controller_url": server.url}
        settings.RAG = rag
        yield server


@pytest.fixture
def store(server: LoopbackPinecone) -> VectorStore:
    store = vector_store()
    assert store
    return store


@pytest.fixture
def loans(editor_client: APIClient, store: VectorStore) -> str:
    """The document that will be deleted; another one stays."""
    submit(editor_client, "Hours", HOURS)
    document: str = submit(editor_client, "Loans", LOANS)["documents"][0]["id"]
    return document


def found(client: APIClient, **params: Any) -> set[str]:
    answer = client.get("/api/rag/search/", {"q": QUESTION, **params}).json()
    return {result["document_id"] for result in answer["results"]}


def held(store: VectorStore, document: str) -> list[str]:
    return [key for key in store.list_ids() if key.startswith(document.replace("-", ""))]


@pytest.mark.parametrize("kind", ["error", "rate_limit", "hang", "cut"])
def test_deletes_that_fail_are_made_up_for_by_the_next_worker(
    editor_client: APIClient, server: LoopbackPinecone, store: VectorStore, loans: str, kind: Any
) -> None:
    assert loans in found(editor_client)
    server.behaviour = Failure(kind)
    assert editor_client.delete(f"/api/documents/{loans}/").status_code == 204
    assert loans not in found(editor_client)
    for _ in range(2):
        with pytest.raises(CommandError):
            work()
    assert "/vectors/delete" in {request.path for request in server.requests}
    server.behaviour = None
    if kind != "cut":  # there the service had done it before the answer was lost
        assert held(store, loans)
    assert loans not in found(editor_client, mode="dense")
    work()
    assert held(store, loans) == []
    assert store.count() == 1


def test_an_old_version_whose_deletes_failed_is_removed_although_nothing_else_changes(
    editor_client: APIClient, server: LoopbackPinecone, store: VectorStore, loans: str
) -> None:
    before = held(store, loans)
    editor_client.post("/api/rag/index/", {"title": "Loans", "content": "# Loans\n\nNobody may borrow anything."})
    taken = server.answer

    def refuse_deletes(request: Any, failure: Any) -> Any:
        return server.error_reply(500, "no") if request.path == "/vectors/delete" else taken(request, failure)

    server.answer = refuse_deletes  # type: ignore[method-assign]
    with pytest.raises(CommandError):
        work()
    assert set(before) < set(held(store, loans))
    server.answer = taken  # type: ignore[method-assign]
    work()
    assert len(held(store, loans)) == 1
    assert not set(before) & set(held(store, loans))


def test_a_deleted_document_is_not_shown_while_the_service_still_names_it(
    editor_client: APIClient, server: LoopbackPinecone, store: VectorStore, loans: str
) -> None:
    server.lag = math.inf
    editor_client.delete(f"/api/documents/{loans}/")
    work()
    assert held(store, loans)
    assert loans not in found(editor_client) | found(editor_client, mode="dense")
    server.settle()
    assert held(store, loans) == []


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite serves one machine, where a file lock does")
def test_writers_on_two_machines_are_kept_apart(server: LoopbackPinecone, store: VectorStore, tmp_path: Path) -> None:
    model = embedder()
    assert model
    assert connection.vendor == "postgresql"
    here, there = (SharedVectorFollower(tmp_path / name, store, model) for name in ("here", "there"))
    with here.held(), here.held(), pytest.raises(Timeout), there.held(patience=0.1):
        pass
    with there.held(patience=0), pytest.raises(Timeout), here.held(patience=0):
        pass
    assert isinstance(vector_follower(), SharedVectorFollower)
