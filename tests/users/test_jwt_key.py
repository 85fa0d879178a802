"""Tokens are signed with a key of their own."""

from typing import Any

import jwt
import pytest
from django.core.checks import run_checks
from rest_framework.test import APIClient

from tests.conftest import PASSWORD
from users.models import User


def check_ids() -> list[str]:
    return [str(message.id) for message in run_checks(tags=["security"]) if str(message.id).startswith("users.")]


def test_a_key_of_its_own_passes_the_check() -> None:
    assert check_ids() == []


@pytest.mark.parametrize(
    ("key", "found"), [("", "users.E001"), (None, "users.E001"), ("ü" * 15, "users.E002"), ("s" * 60, "users.E003")]
)
def test_a_key_that_is_missing_short_or_shared_is_an_error(settings: Any, key: str | None, found: str) -> None:
    settings.SECRET_KEY = "s" * 60
    settings.SIMPLE_JWT = settings.SIMPLE_JWT | {"SIGNING_KEY": key}
    assert check_ids() == [found]


def test_the_error_says_how_to_mend_it(settings: Any) -> None:
    settings.SIMPLE_JWT = settings.SIMPLE_JWT | {"SIGNING_KEY": ""}
    [message] = [message for message in run_checks(tags=["security"]) if message.id == "users.E001"]
    assert "JWT_SIGNING_KEY" in str(message.hint)
    assert "secrets.token_urlsafe" in str(message.hint)


@pytest.mark.parametrize("algorithm", ["HS256", "HS512", "none"])
def test_a_token_signed_with_another_key_or_none_is_refused(
    anonymous: APIClient, user: User, settings: Any, algorithm: str
) -> None:
    genuine = anonymous.post("/api/auth/login/", {"username": "ada", "password": PASSWORD}).json()["access"]
    claims = jwt.decode(genuine, options={"verify_signature": False})
    key = settings.SECRET_KEY + "." * 64 if algorithm == "HS512" else settings.SECRET_KEY
    forged = jwt.encode(claims, "" if algorithm == "none" else key, algorithm=algorithm)
    answer = anonymous.get("/api/auth/me/", HTTP_AUTHORIZATION=f"Bearer {forged}")
    assert answer.status_code == 401
    assert answer.json()["code"] == "invalid_token"
