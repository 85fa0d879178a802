"""Passwords are hashed with Argon2. Older hashes are good, and made anew when their owner logs in."""

from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from rest_framework.test import APIClient

from config.settings import base
from tests.conftest import PASSWORD
from users.models import User


@pytest.fixture(autouse=True)
def _hashers(settings: Any) -> None:
    settings.PASSWORD_HASHERS = base.PASSWORD_HASHERS


def log_in(client: APIClient, password: str) -> int:
    return client.post("/api/auth/login/", {"username": "ada", "password": password}).status_code


def test_a_new_password_is_hashed_with_argon2(user: User) -> None:
    assert user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_an_older_hash_is_good_and_made_anew_at_log_in(anonymous: APIClient, user: User) -> None:
    old = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=10)
    User.objects.update(password=old)
    assert log_in(anonymous, "a wrong password") == 401
    user.refresh_from_db()
    assert user.password == old
    assert log_in(anonymous, PASSWORD) == 200
    user.refresh_from_db()
    assert user.password.startswith("argon2$argon2id$")
    assert log_in(anonymous, PASSWORD) == 200
