"""No secret is logged; and one that were would be noticed by the suite, and masked in the log."""

import logging
from typing import Any

import pytest
from django.core.signing import TimestampSigner
from rest_framework.test import APIClient

from chat.visitors.tokens import token_issue
from tests.conftest import PASSWORD
from tests.log_watch import LogWatch
from users.api_keys import api_key_create
from users.models import User
from utils.masking import MASK, MaskingFormatter, masked

logger = logging.getLogger("users.test")


def secrets(user: User, settings: Any) -> dict[str, str]:
    pair = APIClient().post("/api/auth/login/", {"username": "ada", "password": PASSWORD}).json()
    session = "0190a1b2-0000-7000-8000-000000000000"
    return {
        "access": pair["access"],
        "refresh": pair["refresh"],
        "api key": api_key_create(user=user, name="A", scopes=["chat"])[1],
        "visitor": f"Visitor {token_issue(session)}",  # type: ignore[arg-type]
        "mailed": f"?token={TimestampSigner().sign(session)}",
        "database": "postgres://grounded:hunter22-and-more@db:5432/grounded",
        "secret key": settings.SECRET_KEY,
        "signing key": settings.JWT_SIGNING_KEY,
        "password": f"password={PASSWORD.replace(' ', '-')} {PASSWORD}",
    }


def test_each_kind_of_secret_is_noticed(user: User, settings: Any, log_watch: LogWatch) -> None:
    for name, secret in secrets(user, settings).items():
        logger.warning("It was %s.", secret)
        assert log_watch.seen, name
        assert secret not in "".join(log_watch.seen)
        log_watch.seen.clear()
    try:
        raise ValueError(settings.SECRET_KEY)
    except ValueError:
        logger.exception("It failed.")
    assert log_watch.seen
    log_watch.seen.clear()


def test_what_is_no_secret_is_not(log_watch: LogWatch) -> None:
    for text in ("GET /api/chat/messages/?page=2", "Bearer", "0190a1b2-0000-7000-8000-000000000000", "gk_3vN8sQk2LwZp"):
        logger.warning(text)
        assert masked(text) == text
    assert log_watch.seen == []


def test_each_kind_is_masked_in_the_log(user: User, settings: Any) -> None:
    found = secrets(user, settings)
    del found["password"]  # nobody knows one when it sees it
    for name, secret in found.items():
        text = masked(f"It was {secret}.")
        assert MASK in text, name
        assert secret[-12:] not in text or name == "database", name
    assert "hunter22" not in masked(found["database"])


def test_so_it_is_in_a_traceback(settings: Any) -> None:
    try:
        raise ValueError(f"key {settings.SECRET_KEY}")
    except ValueError as error:
        record = logging.LogRecord(
            "a", logging.ERROR, "", 0, "It failed.", (), (ValueError, error, error.__traceback__)
        )
    line = MaskingFormatter("%(message)s").format(record)
    assert settings.SECRET_KEY not in line
    assert f"ValueError: key {MASK}" in line


def test_the_product_writes_its_log_so() -> None:
    [handler] = [handler for handler in logging.getLogger().handlers if type(handler) is logging.StreamHandler]
    assert isinstance(handler.formatter, MaskingFormatter)


@pytest.mark.parametrize("path", ["/api/auth/login/", "/api/auth/register/", "/admin/login/"])
def test_a_refused_password_is_not_logged(anonymous: APIClient, log_watch: LogWatch, path: str) -> None:
    anonymous.post(path, {"username": "ada", "email": "ada", "password": PASSWORD})
    assert log_watch.seen == []
