"""Each kind of data is kept for its days and no longer."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.sessions.models import Session as BrowserSession
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from background_tasks.models import JobRun, State
from background_tasks.retention import ACCESS, HISTORY, retention_apply
from chat.models import AnswerTrace, Message, Session, Visitor
from learning.models import Agent, Interaction
from rag.models import KnowledgeGap
from tests.chat.visitors import Guest
from tests.conftest import PASSWORD
from users.models import ApiKey, AuditEntry, LoginSession, MailedToken, User

NOW = timezone.now() + timedelta(days=1000)
LEFT: dict[str, Callable[[], int]] = {
    "messages": Message.objects.count,
    "conversations": Session.objects.count,
    "visitors": Visitor.objects.count,
    "answer traces": AnswerTrace.objects.count,
    "knowledge gaps": KnowledgeGap.objects.count,
    "spent API keys": ApiKey.objects.count,
    "expired log-ins": LoginSession.objects.count,
    "expired links in mails": MailedToken.objects.count,
    "expired log-ins to the admin site": BrowserSession.objects.count,
    "accounts never verified": User.objects.filter(username="nobody").count,
    "names in the audit trail": AuditEntry.objects.exclude(actor_name="").count,
    "answers of learning agents": Interaction.objects.count,
    "runs of jobs": JobRun.objects.count,
}


def keep(settings: Settings, days: int) -> None:
    """Everything for so long."""
    settings.KEPT_DAYS = dict.fromkeys(settings.KEPT_DAYS, days)
    settings.VISITORS = {**settings.VISITORS, "KEPT_DAYS": days}


@pytest.fixture(autouse=True)
def lived(client: APIClient, user: User, settings: Settings) -> None:
    """Something of each kind."""
    settings.RAG = {**settings.RAG, "EMBEDDER": None}
    settings.REQUIRE_VERIFIED_EMAIL = True
    client.post("/api/chat/messages/", {"content": "Where do the otters sleep?"})
    Guest().ask("Who feeds them?")
    key = client.post("/api/auth/keys/", {"name": "Old", "scopes": ["chat"]}).json()["id"]
    client.delete(f"/api/auth/keys/{key}/")
    client.post("/api/auth/keys/", {"name": "In use", "scopes": ["chat"]})
    assert Client().login(username=user.username, password=PASSWORD)
    client.post("/api/auth/password/reset/", {"email": user.email})
    anonymous = APIClient()
    spam = {"username": "nobody", "email": "nobody@example.org", "password": PASSWORD}
    assert anonymous.post("/api/auth/register/", spam).status_code == 201
    call_command("run_worker", once=True)  # mails the links
    MailedToken.objects.filter(purpose=MailedToken.Purpose.VERIFY).delete()  # as three days later
    Interaction.objects.create(user=user, agent=Agent.REFLECT, output={}, model="extractive", duration_ms=1)
    now = timezone.now()
    for hours in (1, 2):
        slot = now - timedelta(hours=hours)
        JobRun.objects.create(job="report", slot=slot, started_at=slot, ended_at=now, state=State.DONE)


def test_every_kind_goes_after_its_days_and_a_dry_run_only_counts(settings: Settings) -> None:
    keep(settings, 900)
    there = {name: count() for name, count in LEFT.items()}
    assert all(there.values())
    counted = retention_apply(now=NOW, dry_run=True)
    assert counted.keys() == LEFT.keys()
    assert {name: count() for name, count in LEFT.items()} == there
    removed = {**retention_apply(now=NOW, only=HISTORY), **retention_apply(now=NOW, only=ACCESS)}
    left = {name: count() for name, count in LEFT.items()}
    # A key in use, and the last run of a job.
    assert left == dict.fromkeys(LEFT, 0) | {"spent API keys": 1, "runs of jobs": 1}
    assert removed == counted
    assert removed["messages"] == 4
    assert all(removed.values())
    assert not any(retention_apply(now=NOW).values())


def test_whoever_is_told_to_stop_leaves_the_rest_for_the_next_run(settings: Settings) -> None:
    keep(settings, 900)
    there = {name: count() for name, count in LEFT.items()}
    assert not any(retention_apply(now=NOW, stopped=lambda: True).values())
    assert {name: count() for name, count in LEFT.items()} == there


def test_nothing_goes_before_its_days(settings: Settings) -> None:
    keep(settings, 1001)
    assert not any(retention_apply(now=NOW).values())


def test_zero_days_are_for_good(settings: Settings) -> None:
    keep(settings, 0)
    assert not any(retention_apply(now=NOW).values())
    assert Message.objects.exists()


def test_the_trail_forgets_names_and_still_verifies(settings: Settings) -> None:
    settings.KEPT_DAYS = dict.fromkeys(settings.KEPT_DAYS, 0) | {"audit": 10}
    actions = list(AuditEntry.objects.order_by("id").values_list("id", "action"))
    assert retention_apply(now=NOW)["names in the audit trail"] == len(actions)
    entries = AuditEntry.objects.order_by("id")
    assert list(entries.values_list("id", "action"))[: len(actions)] == actions
    assert not entries.exclude(actor_name="", address="", request_id="").exists()
    assert [entry.action for entry in entries[len(actions) :]] == ["audit.forget", "retention.apply"]
    told = StringIO()
    call_command("verify_audit", stdout=told)
    assert told.getvalue().startswith(f"{len(actions) + 2} entries, all as they were written.")


def test_a_command_applies_it(settings: Settings) -> None:
    keep(settings, 0)
    told = StringIO()
    call_command("apply_retention", dry_run=True, stdout=told)
    assert "conversations: 0 would go" in told.getvalue()
    call_command("apply_retention", only="history", stdout=told)
    assert "conversations: 0 removed" in told.getvalue()
    assert "log-ins: 0 removed" not in told.getvalue()
