"""Tokens that we did not make, or not for this, are refused: as access tokens and as refresh tokens."""

import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from rest_framework.test import APIClient

from tests.conftest import PASSWORD
from users.models import LoginSession, User
from users.signing import key_id

Change = Callable[[dict[str, Any]], Any]
HOUR = 3600
CHANGES: dict[str, Change] = {
    "for another audience": lambda claims: claims.update(aud="another-api"),
    "for no audience": lambda claims: claims.pop("aud"),
    "of another issuer": lambda claims: claims.update(iss="another-issuer"),
    "of no issuer": lambda claims: claims.pop("iss"),
    "expired": lambda claims: claims.update(exp=int(time.time()) - 1),
    "that never expires": lambda claims: claims.pop("exp"),
    "issued in the future": lambda claims: claims.update(iat=int(time.time()) + HOUR),
    "not valid yet": lambda claims: claims.update(nbf=int(time.time()) + HOUR),
    "of no type": lambda claims: claims.pop("token_type"),
    "of an earlier version": lambda claims: claims.update(ver=0),
    "of a later version": lambda claims: claims.update(ver=2),
    "of an unknown session": lambda claims: claims.update(sid="5f2b8c1e-7a90-4c35-9d1f-2f5f5a0c7e11"),
}


@pytest.fixture
def pair(user: User) -> dict[str, str]:
    answer: dict[str, str] = APIClient().post("/api/auth/login/", {"username": "ada", "password": PASSWORD}).json()
    return answer


def answer_to(kind: str, token: str) -> Any:
    if kind == "refresh":
        return APIClient().post("/api/auth/refresh/", {"refresh": token})
    return APIClient().get("/api/auth/me/", HTTP_AUTHORIZATION=f"Bearer {token}")


def refused(kind: str, token: str) -> None:
    answer = answer_to(kind, token)
    assert answer.status_code == 401
    assert answer.json()["code"] == "invalid_token"
    assert LoginSession.objects.filter(revoked_at=None).count() == 1


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def signed(claims: dict[str, Any], key: Any, algorithm: str | None = "HS256", kid: str | None = None) -> str:
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid} if kid else None)


@pytest.mark.parametrize("kind", ["access", "refresh"])
def test_signed_anew_without_a_change_a_token_is_good(settings: Any, pair: dict[str, str], kind: str) -> None:
    key = settings.JWT_SIGNING_KEY
    assert answer_to(kind, signed(claims_of(pair[kind]), key, kid=key_id(key))).status_code == 200


@pytest.mark.parametrize("kind", ["access", "refresh"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_token_is_refused_that_is(settings: Any, pair: dict[str, str], kind: str, change: str) -> None:
    claims = claims_of(pair[kind])
    CHANGES[change](claims)
    refused(kind, signed(claims, settings.JWT_SIGNING_KEY, kid=key_id(settings.JWT_SIGNING_KEY)))


@pytest.mark.parametrize("kind", ["access", "refresh"])
@pytest.mark.parametrize("algorithm", ["none", "HS384", "HS512"])
def test_another_algorithm_is_refused_even_with_our_key(
    settings: Any, pair: dict[str, str], kind: str, algorithm: str
) -> None:
    key = "" if algorithm == "none" else settings.JWT_SIGNING_KEY * 2
    settings.SIMPLE_JWT = settings.SIMPLE_JWT | {"SIGNING_KEY": settings.JWT_SIGNING_KEY * 2}
    kid = key_id(settings.JWT_SIGNING_KEY * 2)
    refused(kind, signed(claims_of(pair[kind]), key, None if algorithm == "none" else algorithm, kid))


@pytest.mark.parametrize("kind", ["access", "refresh"])
def test_a_token_that_says_to_be_signed_with_a_private_key_is_refused(
    settings: Any, pair: dict[str, str], kind: str
) -> None:
    said = f'{{"alg":"RS256","typ":"JWT","kid":"{key_id(settings.JWT_SIGNING_KEY)}"}}'
    header = urlsafe_b64encode(said.encode()).decode().rstrip("=")
    refused(kind, f"{header}.{pair[kind].partition('.')[2]}")


@pytest.mark.parametrize("kind", ["access", "refresh"])
def test_another_key_is_refused_whatever_id_it_says_to_have(settings: Any, pair: dict[str, str], kind: str) -> None:
    other, claims = "an attacker's key that is long enough, too", claims_of(pair[kind])
    for kid in (key_id(other), key_id(settings.JWT_SIGNING_KEY), "../../dev/null", None):
        refused(kind, signed(claims, other, kid=kid))


def test_a_refresh_token_opens_nothing_and_an_access_token_is_exchanged_for_nothing(pair: dict[str, str]) -> None:
    refused("access", pair["refresh"])
    refused("refresh", pair["access"])


@pytest.mark.parametrize("kind", ["access", "refresh"])
@pytest.mark.parametrize("change", ["gone", "inactive"])
def test_an_account_that_is_no_more_is_refused(user: User, pair: dict[str, str], kind: str, change: str) -> None:
    if change == "gone":
        user.delete()
    else:
        User.objects.update(is_active=False)
    answer = answer_to(kind, pair[kind])
    assert answer.status_code == 401
    assert answer.json()["code"] == "invalid_token"
