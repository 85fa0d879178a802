"""Conversations of visitors are kept for a time."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from chat.models import Message, Session, Visitor
from tests.chat.visitors import QUESTION, Guest


def forget(**options: int) -> str:
    told = StringIO()
    call_command("forget_visitors", stdout=told, **options)
    return told.getvalue().strip()


@pytest.fixture
def old(client: APIClient) -> Guest:
    """Two conversations of visitors and one of a user; all but one of a visitor were last used 31 days ago."""
    client.post("/api/chat/messages/", {"content": QUESTION})
    guest = Guest()
    guest.ask()
    Session.objects.update(updated_at=timezone.now() - timedelta(days=31))
    Guest().ask()
    return guest


def test_after_thirty_days_a_visitor_is_forgotten_and_a_user_is_not(old: Guest) -> None:
    assert forget() == "1 visitor forgotten."
    assert old.read().status_code == 404
    assert (Visitor.objects.count(), Session.objects.count(), Message.objects.count()) == (1, 2, 4)
    assert forget() == "0 visitors forgotten."


def test_who_asks_again_is_kept(old: Guest) -> None:
    old.ask()
    assert forget() == "0 visitors forgotten."


def test_how_long_is_a_setting(old: Guest, settings: Settings) -> None:
    settings.VISITORS = {**settings.VISITORS, "KEPT_DAYS": 0}
    assert forget() == "0 visitors forgotten."
    assert forget(days=40) == "0 visitors forgotten."
    assert forget(days=0) == "2 visitors forgotten."
