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
from background_tasks.retention import KINDS, retention_apply
from chat.models import AnswerTrace, Message, Session, Visitor
from rag.models import KnowledgeGap
from tests.chat.visitors import Guest
from tests.conftest import PASSWORD
from users.models import ApiKey, AuditEntry, LoginSession, MailedToken, User

NOW = timezone.now() + timedelta(days=1000)
LEFT: dict[str, Callable[[], int]] = {
    "conversations": lambda: Session.objects.filter(visitor=None).count(),
    "visitors": Visitor.objects.count,
    "answer traces": AnswerTrace.objects.count,
    "knowledge gaps": KnowledgeGap.objects.count,
    "spent API keys": ApiKey.objects.count,
    "expired log-ins": LoginSession.objects.count,
    "expired links in mails": MailedToken.objects.count,
    "expired log-ins to the admin site": BrowserSession.objects.count,
    "names in the audit trail": AuditEntry.objects.exclude(actor_name="").count,
    "runs of jobs": JobRun.objects.count,
}


def keep(settings: Settings, days: int) -> None:
    settings.KEPT_DAYS = dict.fromkeys(settings.KEPT_DAYS, days)
    settings.VISITORS = {**settings.VISITORS, "KEPT_DAYS": days}


@pytest.fixture(autouse=True)
def lived(client: APIClient, user: User, settings: Settings) -> None:
    """Something of each kind."""
    settings.RAG = {**settings.RAG, "EMBEDDER": None}
    client.post("/api/chat/messages/", {"content": "Where do the otters sleep?"})
    Guest().ask("Who feeds them?")
    key = client.post("/api/auth/keys/", {"name": "Old", "scopes": ["chat"]}).json()["id"]
    client.delete(f"/api/auth/keys/{key}/")
    client.post("/api/auth/keys/", {"name": "In use", "scopes": ["chat"]})
    assert Client().login(username=user.username, password=PASSWORD)
    client.post("/api/auth/password/reset/", {"email": user.email})
    call_command("run_worker", once=True)  # mails the link
    for hour in (1, 2):
        slot = timezone.now() - timedelta(hours=hour)
        JobRun.objects.create(job="tokens", slot=slot, started_at=slot, ended_at=slot, state=State.DONE)


def test_every_kind_goes_after_its_days_and_a_dry_run_only_counts(settings: Settings) -> None:
    keep(settings, 900)
    there = {name: count() for name, count in LEFT.items()}
    assert all(there.values())
    assert {kind.name for kind in KINDS} == LEFT.keys()
    counted = retention_apply(now=NOW, dry_run=True)
    assert {name: count() for name, count in LEFT.items()} == there
    removed = retention_apply(now=NOW)
    left = {name: count() for name, count in LEFT.items()}
    # One key is in use, and the last run of a job says what has been run.
    assert left == dict.fromkeys(LEFT, 0) | {"spent API keys": 1, "runs of jobs": 1}
    assert removed["conversations"] == counted["conversations"] == 1
    assert {name for name, count in counted.items() if not count} == set()
    # What went with a conversation was not there any more.
    assert {name: count for name, count in removed.items() if name != "answer traces"} == {
        name: count for name, count in counted.items() if name != "answer traces"
    }
    assert not any(retention_apply(now=NOW).values())


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
    call_command("apply_retention", stdout=told)
    assert "conversations: 0 removed" in told.getvalue()
