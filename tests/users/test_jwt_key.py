"""Tokens are signed with a key of their own, which can be changed while they are out."""

from io import StringIO
from pathlib import Path
from typing import Any

import jwt
import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from rest_framework.test import APIClient

from config.keys import local_keys
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


@pytest.mark.parametrize("keys", [["too short"], ["k" * 40, "ü" * 15]])
def test_a_short_former_key_is_an_error(settings: Any, keys: list[str]) -> None:
    settings.JWT_PREVIOUS_KEYS = keys
    assert check_ids() == ["users.E004"]


def log_in() -> dict[str, str]:
    pair: dict[str, str] = APIClient().post("/api/auth/login/", {"username": "ada", "password": PASSWORD}).json()
    return pair


def works(pair: dict[str, str]) -> list[int]:
    """Statuses for the access token, and for the refresh token."""
    me = APIClient().get("/api/auth/me/", HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
    return [me.status_code, APIClient().post("/api/auth/refresh/", {"refresh": pair["refresh"]}).status_code]


def restarted(settings: Any) -> None:
    """What a server does that starts with the keys in the file."""
    key, *former = local_keys(settings.JWT_KEY_FILE)
    settings.SIMPLE_JWT = settings.SIMPLE_JWT | {"SIGNING_KEY": key}
    settings.JWT_PREVIOUS_KEYS = former


@pytest.fixture
def _local(settings: Any, tmp_path: Path) -> None:
    settings.JWT_KEY_FILE = tmp_path / "keys" / "jwt"
    restarted(settings)


def rotate(*options: str) -> str:
    told = StringIO()
    call_command("rotate_jwt_key", *options, stdout=told)
    return told.getvalue()


@pytest.mark.usefixtures("_local")
def test_tokens_of_the_former_keys_stay_good(user: User, settings: Any) -> None:
    pairs = [log_in()]
    for _ in range(2):
        assert "Restart the server" in rotate()
        restarted(settings)
        pairs.append(log_in())
    assert len({jwt.get_unverified_header(pair["access"])["kid"] for pair in pairs}) == 3
    assert [works(pair) for pair in pairs] == [[200, 200]] * 3
    assert settings.JWT_KEY_FILE.stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("_local")
def test_a_former_key_is_dropped_when_its_last_tokens_have_expired(settings: Any) -> None:
    rotate()
    used, former = settings.JWT_KEY_FILE.read_text().splitlines()
    key, retired = former.split()
    settings.JWT_KEY_FILE.write_text(f"{used}\n{key} {int(retired) - 8 * 24 * 3600}")
    rotate()
    restarted(settings)
    assert [used] == settings.JWT_PREVIOUS_KEYS


@pytest.mark.usefixtures("_local")
def test_tokens_of_a_key_that_has_leaked_are_refused(user: User, settings: Any) -> None:
    old = log_in()
    rotate("--leaked")
    restarted(settings)
    assert works(old) == [401, 401]
    assert works(log_in()) == [200, 200]


def test_where_the_key_comes_from_the_environment_it_is_said_what_to_do(settings: Any) -> None:
    told = rotate()
    assert "JWT_PREVIOUS_KEYS" in told
    assert "After 7 days" in told
    assert settings.JWT_SIGNING_KEY not in told
