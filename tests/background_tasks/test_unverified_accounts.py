"""Accounts that nobody has come for are erased after some days, where addresses have to be verified."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from background_tasks.retention import ACCESS, retention_apply
from tests.conftest import PASSWORD
from users.mailed_tokens import mailed_token_make
from users.models import ApiKey, AuditEntry, MailedToken, OutgoingMail, Role, User

NOW = timezone.now()
DETAILS = {"username": "nobody", "email": "nobody@example.org", "password": PASSWORD}


@pytest.fixture(autouse=True)
def nobody(settings: Settings, anonymous: APIClient) -> User:
    """Somebody who registered 31 days ago, and was never seen again."""
    settings.REQUIRE_VERIFIED_EMAIL = True
    settings.KEPT_DAYS = {**settings.KEPT_DAYS, "unverified": 30}
    assert anonymous.post("/api/auth/register/", DETAILS).status_code == 201
    OutgoingMail.objects.all().delete()  # sent long ago
    User.objects.update(date_joined=NOW - timedelta(days=31))
    return User.objects.get(username="nobody")


def erased() -> int:
    counted = retention_apply(now=NOW, dry_run=True, only=ACCESS)["accounts never verified"]
    assert retention_apply(now=NOW, only=ACCESS)["accounts never verified"] == counted
    return counted


def test_nothing_is_left_of_it_and_its_name_is_free(anonymous: APIClient) -> None:
    assert erased() == 1
    assert not User.objects.exists()
    assert not AuditEntry.objects.exclude(actor_name="").exists()
    assert anonymous.post("/api/auth/register/", DETAILS).status_code == 201
    assert erased() == 0


@pytest.mark.parametrize(
    "sign",
    [
        lambda user: User.objects.filter(pk=user.pk).update(date_joined=NOW - timedelta(days=29)),
        lambda user: User.objects.filter(pk=user.pk).update(is_verified=True),
        lambda user: User.objects.filter(pk=user.pk).update(last_login=NOW - timedelta(days=31)),
        lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
        lambda user: User.objects.filter(pk=user.pk).update(role=Role.EDITOR),
        lambda user: mailed_token_make(user=user, purpose=MailedToken.Purpose.RESET, address="nobody@example.org"),
        lambda user: ApiKey.objects.create(user=user, name="x", prefix="x", digest="x", scopes=[]),
        lambda user: APIClient().post("/api/auth/password/reset/", {"email": "nobody@example.org"}),
        lambda user: APIClient().post("/api/auth/verify-email/resend/", {"email": "nobody@example.org"}),
    ],
    ids="young verified logged-in blocked editor link key reset resent".split(),
)
def test_whatever_speaks_for_somebody_keeps_it(nobody: User, sign: Callable[[User], object]) -> None:
    sign(nobody)
    assert erased() == 0
    assert User.objects.exists()


def test_where_nobody_has_to_verify_all_stay(settings: Settings) -> None:
    settings.REQUIRE_VERIFIED_EMAIL = False
    assert erased() == 0


def test_zero_days_are_for_good(settings: Settings) -> None:
    settings.KEPT_DAYS = {**settings.KEPT_DAYS, "unverified": 0}
    assert erased() == 0
