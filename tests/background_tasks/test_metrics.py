"""/metrics: who may read it, and what it tells of the database, also where that is away."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings
from rest_framework.test import APIClient

from background_tasks.models import JobRun, State
from background_tasks.monitoring import exposition, facts
from documents.models import Document, Version
from tests.knowledge import HOURS, submit
from users.models import OutgoingMail
from users.outbox import mail_queue
from utils.deadline import Asked

TOKEN = "a token of some length"


@pytest.fixture(autouse=True)
def _afresh() -> Iterator[None]:
    exposition.DATABASE.forget()
    yield
    exposition.DATABASE.forget()


def numbers(families: Any) -> dict[tuple[str, frozenset[str]], float]:
    return {(s.name, frozenset(s.labels.values())): s.value for family in families for s in family.samples}


def told() -> dict[tuple[str, frozenset[str]], float]:
    """What the database tells within the test's transaction."""
    return numbers(facts.database_facts())


def scraped(client: APIClient, **headers: str) -> dict[tuple[str, frozenset[str]], float]:
    answer = client.get("/metrics", **headers)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"].startswith("text/plain; version=")
    return numbers(text_string_to_metric_families(answer.content.decode()))


@pytest.mark.parametrize("address", ["/metrics", "/metrics/"])
def test_this_machine_may_read_it(anonymous: APIClient, address: str) -> None:
    assert anonymous.get(address).status_code == 200
    assert anonymous.post(address).status_code == 405


@pytest.mark.parametrize(
    "request_as",
    [
        {"REMOTE_ADDR": "203.0.113.9"},
        {"HTTP_X_FORWARDED_FOR": "203.0.113.9"},  # by way of a proxy on this machine that nobody has told us of
        {"HTTP_X_FORWARDED_FOR": "203.0.113.9, 127.0.0.1"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1, 203.0.113.9"},
        {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}", "REMOTE_ADDR": "203.0.113.9"},  # there is no token
        {"HTTP_AUTHORIZATION": "Bearer ", "REMOTE_ADDR": "203.0.113.9"},
    ],
)
def test_others_may_not(anonymous: APIClient, request_as: dict[str, str]) -> None:
    assert anonymous.get("/metrics", **request_as).status_code == 403  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("forwarded", "status"), [("10.1.2.3", 200), ("203.0.113.9", 403), ("10.1.2.3, 203.0.113.9", 403)]
)
def test_the_address_behind_a_trusted_proxy_counts(
    anonymous: APIClient, settings: Settings, forwarded: str, status: int
) -> None:
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    settings.METRICS_NETWORKS = [ip_network("10.0.0.0/8")]
    assert anonymous.get("/metrics", HTTP_X_FORWARDED_FOR=forwarded).status_code == status


def test_with_the_token_anybody_may(anonymous: APIClient, settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    assert anonymous.get("/metrics", HTTP_AUTHORIZATION=f"Bearer {TOKEN}", **elsewhere).status_code == 200  # type: ignore[arg-type]
    assert anonymous.get("/metrics", HTTP_AUTHORIZATION="Bearer another", **elsewhere).status_code == 403  # type: ignore[arg-type]


def test_what_waits_is_counted_with_its_age(editor_client: APIClient) -> None:
    submit(editor_client, "Hours", HOURS)
    document = Document.objects.get()
    Version.objects.create(document=document, number=2, file="x", file_name="x", size=1)
    Version.objects.filter(number=2).update(created_at=timezone.now() - timedelta(hours=1))
    mail_queue(kind=OutgoingMail.Kind.RESET, address="ada@example.org")
    found = told()
    none: frozenset[str] = frozenset()
    assert found["grounded_pending_versions", none] == 1
    assert found["grounded_pending_oldest_seconds", none] == pytest.approx(3600, abs=60)
    assert found["grounded_mails_waiting", none] == 1
    assert found["grounded_index_lag_revisions", frozenset({"lexical"})] == 0


def test_runs_of_jobs_are_told_by_job() -> None:
    at = datetime(2026, 3, 1, 2, tzinfo=UTC)

    def ran(days: int, state: State, seconds: int) -> None:
        start = at + timedelta(days=days)
        JobRun.objects.create(
            job="retention", slot=start, started_at=start, ended_at=start + timedelta(seconds=seconds), state=state
        )

    ran(0, State.DONE, 7)
    ran(1, State.FAILED, 9)
    found, label = told(), frozenset({"retention"})
    assert found["grounded_job_last_success_timestamp_seconds", label] == at.timestamp() + 7
    assert found["grounded_job_failed", label] == 1
    assert found["grounded_job_duration_seconds", label] == 9
    ran(2, State.DONE, 3)
    assert told()["grounded_job_failed", label] == 0


def test_few_queries_are_enough(django_assert_max_num_queries: Any) -> None:
    told()
    with django_assert_max_num_queries(12):
        told()


def test_where_the_database_hangs_the_rest_is_told_in_time(
    anonymous: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    monkeypatch.setattr(exposition, "DATABASE", Asked(lambda: (released.wait(20) and []) or [], seconds=0.1, kept=0))
    began = time.monotonic()
    try:
        found = scraped(anonymous)
        again = scraped(anonymous)
    finally:
        released.set()
    assert time.monotonic() - began < 5
    for numbers_found in (found, again):
        assert numbers_found["grounded_database_up", frozenset()] == 0
        assert ("grounded_pending_versions", frozenset()) not in numbers_found
        assert numbers_found["grounded_data_free_bytes", frozenset()] > 0


def test_where_the_database_refuses_the_rest_is_told(anonymous: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nothing FROM nowhere")
        return []

    monkeypatch.setattr(exposition, "DATABASE", Asked(refused, seconds=5, kept=0))
    assert scraped(anonymous)["grounded_database_up", frozenset()] == 0


def test_it_is_not_asked_again_within_seconds(anonymous: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def asked() -> list[Any]:
        calls.append(1)
        return []

    monkeypatch.setattr(exposition, "DATABASE", Asked(asked, seconds=5, kept=60))
    for _ in range(3):
        scraped(anonymous)
    assert len(calls) == 1


def test_numbers_that_cannot_be_read_do_not_hide_the_others(
    anonymous: APIClient, settings: Settings, tmp_path: Path
) -> None:
    settings.METRICS_DIR = tmp_path
    (tmp_path / "lock").mkdir()
    assert scraped(anonymous)["grounded_database_up", frozenset()] == 1
