"""Whether somebody has an account, no request tells: it does the same work either way. (How long that takes is measured
by `python -m benchmarks.enumeration`.)
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from tests.conftest import PASSWORD
from users.audit import audit_record
from users.models import User

NEW = "eleven grey owls at noon"


class CountingHasher(PBKDF2PasswordHasher):
    """Counts how often a password is hashed, which is what these requests spend their time on."""

    algorithm = "counting"
    iterations = 1
    calls = 0

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        type(self).calls += 1
        return super().encode(password, salt, iterations)


@pytest.fixture(autouse=True)
def _required(settings: Any) -> None:
    settings.REQUIRE_VERIFIED_EMAIL = True
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]


@pytest.fixture
def accounts() -> None:
    """One of each: verified, not verified, registered with somebody's address, switched off, without a password."""
    User.objects.create_user("known", "known@example.org", PASSWORD, is_verified=True)
    User.objects.create_user("before", "before@example.org", PASSWORD)
    for name, address in (("waiting", "waiting@example.org"), ("second", "known@example.org")):
        User.objects.create_user(name, "", PASSWORD, new_email=address)
    User.objects.create_user("sleeper", "sleeper@example.org", PASSWORD, is_verified=True, is_active=False)
    User.objects.create_user("guest", "guest@example.org", None, is_verified=True)
    audit_record(actor=None, action="x.made", object_type="x", object_id="")  # the first entry of all costs more


def done_by(request: Callable[[], Any]) -> tuple[Any, ...]:
    """Status, body, hashes and queries."""
    CountingHasher.calls = 0
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = request()
    body = re.sub(rb'"(id|username|email|date_joined|request_id)":("[^"]*"|\d+)', b"", answer.content)
    shapes = [re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in queries]
    assert mail.outbox == []
    return answer.status_code, body, CountingHasher.calls, shapes


WHO = ["known", "before", "waiting", "sleeper", "guest"]


@pytest.mark.usefixtures("accounts")
@pytest.mark.parametrize("form", ["{}", "{}@example.org"])
def test_a_failed_log_in(anonymous: APIClient, form: str) -> None:
    def tried(name: str) -> tuple[Any, ...]:
        body = {"username": form.format(name), "password": "a wrong password"}
        return done_by(lambda: anonymous.post("/api/auth/login/", body))

    expected = tried("nobody")
    assert expected[0] == 401
    assert expected[2] == (2 if "@" in form else 1)
    for name in WHO:
        assert tried(name) == expected, name


@pytest.mark.usefixtures("accounts")
@pytest.mark.parametrize("path", ["password/reset/", "verify-email/resend/"])
def test_a_mail_that_is_asked_for(anonymous: APIClient, path: str) -> None:
    def asked(name: str) -> tuple[Any, ...]:
        return done_by(lambda: anonymous.post(f"/api/auth/{path}", {"email": f"{name}@example.org"}))

    expected = asked("nobody")
    assert expected[:3] == (202, b"", 0)
    for name in WHO:
        assert asked(name) == expected, name


@pytest.mark.usefixtures("accounts")
def test_a_registration_with_somebodys_address(anonymous: APIClient) -> None:
    def registered(number: int, name: str) -> tuple[Any, ...]:
        body = {"username": f"user{number}", "email": f"{name}@example.org", "password": NEW}
        return done_by(lambda: anonymous.post("/api/auth/register/", body))

    expected = registered(0, "nobody")
    assert (expected[0], expected[2]) == (201, 1)
    for number, name in enumerate(WHO, 1):
        assert registered(number, name) == expected, name


@pytest.mark.usefixtures("accounts")
def test_a_change_to_somebodys_address(anonymous: APIClient) -> None:
    tokens = anonymous.post("/api/auth/login/", {"username": "known", "password": PASSWORD}).json()
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens['access']}")

    def changed(name: str) -> tuple[Any, ...]:
        status, _, *work = done_by(lambda: anonymous.patch("/api/auth/me/", {"email": f"{name}@example.org"}))
        return status, work

    expected = changed("nobody")
    assert expected[0] == 200
    for name in ("before", "waiting", "sleeper", "guest"):
        assert changed(name) == expected, name
