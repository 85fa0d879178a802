"""Who has an account logs in by user name or by e-mail address."""

from typing import Any

import jwt
import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.test import Client
from rest_framework.test import APIClient

from tests.conftest import PASSWORD
from users.models import User

ADDRESS = "/api/auth/login/"


class CountingHasher(PBKDF2PasswordHasher):
    """Counts how often a password is hashed, which is what a log-in spends its time on."""

    algorithm = "counting"
    iterations = 1
    calls = 0

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        type(self).calls += 1
        return super().encode(password, salt, iterations)


@pytest.mark.parametrize(
    "login",
    [
        {"username": "ada"},
        {"username": "ADA"},
        {"username": "ａｄａ"},  # full-width letters
        {"email": "ada@example.org"},
        {"email": "Ada@Example.Org"},
        {"username": "ada@example.org"},
        {"username": "", "email": "ada@example.org"},
    ],
)
def test_name_or_address_in_any_case_and_password_open_a_session(
    anonymous: APIClient, user: User, login: dict[str, str]
) -> None:
    answer = anonymous.post(ADDRESS, login | {"password": PASSWORD})
    assert answer.status_code == 200
    assert set(answer.json()) == {"access", "refresh"}
    me = anonymous.get("/api/auth/me/", HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
    assert me.json()["username"] == "ada"


def test_access_lives_15_minutes_and_refresh_7_days(anonymous: APIClient, user: User) -> None:
    pair = anonymous.post(ADDRESS, {"username": "ada", "password": PASSWORD}).json()
    lives = {}
    for name, token in pair.items():
        claims = jwt.decode(token, options={"verify_signature": False})
        lives[name] = claims["exp"] - claims["iat"]
    assert lives == {"access": 15 * 60, "refresh": 7 * 24 * 3600}


def test_the_time_of_the_log_in_is_kept(anonymous: APIClient, user: User) -> None:
    anonymous.post(ADDRESS, {"username": "ada", "password": PASSWORD})
    user.refresh_from_db()
    assert user.last_login


FAILURES: dict[str, dict[str, str]] = {
    "wrong password": {"username": "ada", "password": "a wrong password"},
    "unknown name": {"username": "nobody", "password": PASSWORD},
    "unknown address": {"email": "nobody@example.org", "password": PASSWORD},
    "no address at all": {"email": "nobody", "password": PASSWORD},
    "inactive account": {"username": "sleeper", "password": PASSWORD},
    "no password set": {"username": "guest", "password": PASSWORD},
}


@pytest.fixture
def accounts(user: User) -> None:
    User.objects.create_user("sleeper", "sleeper@example.org", PASSWORD, is_active=False)
    User.objects.create_user("guest", "guest@example.org", None)


@pytest.mark.usefixtures("accounts")
def test_why_a_log_in_failed_is_not_told(anonymous: APIClient) -> None:
    answers = []
    for body in FAILURES.values():
        answer = anonymous.post(ADDRESS, body)
        assert answer.status_code == 401
        answers.append(answer.json() | {"request_id": ""})
    assert answers[0]["code"] == "invalid_credentials"
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failed_log_in_hashes_one_password_whatever_the_reason(
    anonymous: APIClient, settings: Any, request: pytest.FixtureRequest, failure: str
) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    request.getfixturevalue("accounts")
    CountingHasher.calls = 0
    assert anonymous.post(ADDRESS, FAILURES[failure]).status_code == 401
    assert CountingHasher.calls == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"password": PASSWORD},
        {"username": "ada"},
        {"username": "", "email": "", "password": PASSWORD},
        {"username": ["ada"], "password": PASSWORD},
        {"username": "a" * 300, "password": PASSWORD},
        {"username": "ada", "password": "a" * 257},
    ],
)
def test_an_incomplete_or_oversized_log_in_is_not_valid(anonymous: APIClient, user: User, body: Any) -> None:
    answer = anonymous.post(ADDRESS, body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert set(answer.json()["errors"]) <= {"username", "password"}


def test_a_stale_token_does_not_matter(anonymous: APIClient, user: User) -> None:
    answer = anonymous.post(ADDRESS, {"username": "ada", "password": PASSWORD}, HTTP_AUTHORIZATION="Bearer stale")
    assert answer.status_code == 200


def test_the_admin_site_takes_the_address_too(user: User) -> None:
    User.objects.update(is_staff=True)
    browser = Client()
    browser.post("/admin/login/", {"username": "ADA@example.org", "password": PASSWORD})
    assert browser.get("/admin/").status_code == 200
