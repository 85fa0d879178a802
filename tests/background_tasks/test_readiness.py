"""/api/ready/: what is well and what is not, within a second and without asking anybody who costs money."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from background_tasks.models import Leadership
from background_tasks.monitoring import health
from background_tasks.monitoring.health import Check, Health
from documents.models import Collection, Document, Version
from rag.boundaries import generator_chain
from tests.knowledge import HOURS, submit
from users.models import User
from utils import metrics
from utils.deadline import Asked


@pytest.fixture(autouse=True)
def _afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "last_calls", {})
    monkeypatch.setattr(health, "last_calls", metrics.last_calls)
    health.DATABASE.forget()
    health.CACHE.forget()


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[Asked[Any]]:
    """A part that does not answer."""
    released = threading.Event()
    yield Asked(lambda: released.wait(20), seconds=0.2, kept=0)
    released.set()


def in_place_of(name: str, asked: Asked[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_AWAY", {**health._AWAY, asked: health._AWAY[getattr(health, name)]})
    monkeypatch.setattr(health, name, asked)


@pytest.mark.parametrize("address", ["/api/ready/", "/api/ready"])
def test_anybody_may_ask_and_learns_little(anonymous: APIClient, address: str) -> None:
    answer = anonymous.get(address)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    checks = answer.json()["checks"]
    assert {"database", "cache", "index", "provider", "worker"} <= checks.keys()
    assert checks["database"] == {"state": "ok", "detail": ""}


def test_an_index_that_is_to_be_built_is_no_reason_to_refuse(editor_client: APIClient, settings: Settings) -> None:
    assert health._index() == Check(Health.DEGRADED, "An index is to be built.")
    submit(editor_client, "Hours", HOURS)
    assert health._index() == Check()


def test_a_database_that_hangs_is_known_within_a_second(
    anonymous: APIClient, hanging: Asked[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_place_of("DATABASE", hanging, monkeypatch)
    began = time.monotonic()
    answer = anonymous.get("/api/ready/")
    assert time.monotonic() - began < 1.5
    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_ready"
    assert answer.json()["checks"]["database"]["state"] == "unavailable"


def test_a_cache_that_hangs_degrades(
    anonymous: APIClient, hanging: Asked[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_place_of("CACHE", hanging, monkeypatch)
    answer = anonymous.get("/api/ready/")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["checks"]["cache"]["state"] == "degraded"


def test_a_model_that_keeps_failing_degrades() -> None:
    assert health._provider() == Check()
    [*_, (_, breaker)] = generator_chain()._links
    for _ in range(3):
        breaker.failed()
    try:
        assert health._provider().state == Health.DEGRADED
    finally:
        breaker.succeeded()
    assert health._provider() == Check()


@pytest.mark.parametrize("kind", ["embedder", "store"])
def test_a_call_that_failed_lately_degrades(kind: str) -> None:
    metrics.last_calls[kind, "mistral-embed"] = ("unavailable", time.perf_counter())
    assert health._provider().state == Health.DEGRADED
    metrics.last_calls[kind, "mistral-embed"] = ("unavailable", time.perf_counter() - 600)
    assert health._provider() == Check()


def test_documents_that_nobody_takes_up_degrade(user: User) -> None:
    collection = Collection.objects.create(name="A", slug="a")
    document = Document.objects.create(collection=collection, title="A", source_uri="a")
    version = Version.objects.create(document=document, number=1, file="x", file_name="x", size=1)
    assert health._worker() == Check()
    Version.objects.filter(pk=version.pk).update(created_at=timezone.now() - timedelta(hours=1))
    assert health._worker().state == Health.DEGRADED
    Version.objects.filter(pk=version.pk).update(leased_until=timezone.now() + timedelta(minutes=5))
    assert health._worker() == Check()


def test_a_scheduler_is_missed_once_there_was_one() -> None:
    assert health._scheduler() is None
    leader = Leadership.objects.create(until=timezone.now() - timedelta(minutes=1))
    assert health._scheduler() == Check(Health.DEGRADED, "No scheduler is at work.")
    leader.until = timezone.now() + timedelta(seconds=3)
    leader.save()
    assert health._scheduler() == Check()


def test_the_admin_site_shows_it_to_editors(site: Client, hanging: Asked[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    in_place_of("CACHE", hanging, monkeypatch)
    text = site.get("/admin/").content.decode()
    assert "Health" in text
    assert "The cache does not answer." in text
    assert "Degraded" in text
