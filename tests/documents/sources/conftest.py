from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from documents.models import Document, Source
from documents.services import collection_default
from documents.sources.syncing import sources_sync_due
from tests.knowledge import work
from tests.loopback.website import Website

AddSource = Callable[..., dict[str, Any]]


@pytest.fixture
def sources(settings: Settings, tmp_path: Path) -> dict[str, Any]:
    """What the operator allows; nothing, until a test does."""
    allowed = {"FOLDERS": [], "ALLOWED_PRIVATE": [], "REPOSITORIES": tmp_path / "repositories"}
    settings.SOURCES = allowed
    return allowed


@pytest.fixture
def folder(sources: dict[str, Any], tmp_path: Path) -> Path:
    """A folder that the operator has opened."""
    path = tmp_path / "opened"
    path.mkdir()
    sources["FOLDERS"] = [str(path)]
    return path


@pytest.fixture
def site(sources: dict[str, Any]) -> Iterator[Website]:
    """A website on this machine, which the operator has allowed."""
    sources["ALLOWED_PRIVATE"] = ["127.0.0.1/32"]
    with Website() as website:
        yield website


@pytest.fixture
def add(editor_client: APIClient) -> AddSource:
    """Adds a source as an editor does. Returns the answer's body."""
    collection_default()

    def add_source(kind: str, location: str, **fields: Any) -> dict[str, Any]:
        body = {"name": "A", "slug": "a", "kind": kind, "location": location, "collection": "general", **fields}
        answer = editor_client.post("/api/documents/sources/", body)
        assert answer.status_code == 201, answer.content
        source: dict[str, Any] = answer.json()
        return source

    return add_source


@pytest.fixture
def sync(editor_client: APIClient) -> Callable[..., dict[str, Any]]:
    """Has the only source synced, and what it gave indexed. Returns its last run."""

    def sync_source(*, force: bool = False, index: bool = False) -> dict[str, Any]:
        source = Source.objects.get()
        asked = editor_client.post(f"/api/documents/sources/{source.pk}/sync/", {"force": force})
        assert asked.status_code == 202, asked.content
        assert sources_sync_due(worker="test:1:a")
        if index:
            work()
        run: dict[str, Any] = editor_client.get(f"/api/documents/sources/{source.pk}/runs/").json()["results"][0]
        return run

    return sync_source


def uris() -> list[str]:
    return sorted(Document.objects.values_list("source_uri", flat=True))


COUNTS = ("added", "changed", "unchanged", "removed", "skipped", "failed")


def counts(run: dict[str, Any]) -> dict[str, int]:
    """What a run did, without what it did not."""
    return {name: run[name] for name in COUNTS if run[name]}
