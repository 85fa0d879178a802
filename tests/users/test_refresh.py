"""A refresh token is exchanged for the next pair, once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken
from rest_framework_simplejwt.tokens import RefreshToken

from tests.conftest import PASSWORD
from users.models import User

ADDRESS = "/api/auth/refresh/"


def log_in() -> dict[str, str]:
    pair: dict[str, str] = APIClient().post("/api/auth/login/", {"username": "ada", "password": PASSWORD}).json()
    return pair


def is_refused(answer: Any) -> bool:
    return bool(answer.status_code == 401 and answer.json()["code"] == "invalid_token")


@pytest.mark.parametrize("address", [ADDRESS, "/api/auth/token/refresh/"])
def test_a_refresh_token_gives_a_new_pair(anonymous: APIClient, user: User, address: str) -> None:
    old = log_in()
    answer = anonymous.post(address, {"refresh": old["refresh"]})
    assert answer.status_code == 200
    new = answer.json()
    assert set(new) == {"access", "refresh"}
    assert new["refresh"] != old["refresh"]
    me = anonymous.get("/api/auth/me/", HTTP_AUTHORIZATION=f"Bearer {new['access']}")
    assert me.json()["username"] == "ada"


def test_a_refresh_token_is_spent_by_its_use(anonymous: APIClient, user: User) -> None:
    old = log_in()["refresh"]
    new = anonymous.post(ADDRESS, {"refresh": old}).json()["refresh"]
    assert is_refused(anonymous.post(ADDRESS, {"refresh": old}))
    assert anonymous.post(ADDRESS, {"refresh": new}).status_code == 200


def test_the_sessions_of_two_devices_are_apart(anonymous: APIClient, user: User) -> None:
    phone, desk = log_in(), log_in()
    anonymous.post(ADDRESS, {"refresh": phone["refresh"]})
    assert anonymous.post(ADDRESS, {"refresh": desk["refresh"]}).status_code == 200


@pytest.mark.parametrize("token", ["x", "a.b.c", "e30.e30.", "ü", "💬.💬.💬"])
def test_a_text_that_is_no_token_is_refused(anonymous: APIClient, token: str) -> None:
    assert is_refused(anonymous.post(ADDRESS, {"refresh": token}))


def test_an_access_token_is_no_refresh_token(anonymous: APIClient, user: User) -> None:
    assert is_refused(anonymous.post(ADDRESS, {"refresh": log_in()["access"]}))


def test_a_refresh_token_is_no_access_token(anonymous: APIClient, user: User) -> None:
    assert is_refused(anonymous.get("/api/auth/me/", HTTP_AUTHORIZATION=f"Bearer {log_in()['refresh']}"))


def test_an_expired_token_is_refused(anonymous: APIClient, user: User) -> None:
    token = RefreshToken.for_user(user)
    token.set_exp(lifetime=-timedelta(seconds=1))
    assert is_refused(anonymous.post(ADDRESS, {"refresh": str(token)}))


def test_a_token_that_was_never_entered_is_refused(anonymous: APIClient, user: User) -> None:
    token = log_in()["refresh"]
    OutstandingToken.objects.all().delete()
    assert is_refused(anonymous.post(ADDRESS, {"refresh": token}))


@pytest.mark.parametrize("change", ["gone", "inactive"])
def test_an_account_that_is_no_more_is_refused(anonymous: APIClient, user: User, change: str) -> None:
    token = log_in()["refresh"]
    if change == "gone":
        user.delete()
    else:
        User.objects.update(is_active=False)
    assert is_refused(anonymous.post(ADDRESS, {"refresh": token}))


def test_an_account_that_is_active_again_goes_on(anonymous: APIClient, user: User) -> None:
    token = log_in()["refresh"]
    User.objects.update(is_active=False)
    anonymous.post(ADDRESS, {"refresh": token})
    User.objects.update(is_active=True)
    assert anonymous.post(ADDRESS, {"refresh": token}).status_code == 200


@pytest.mark.parametrize("body", [{}, {"refresh": ""}, {"refresh": None}, {"refresh": {}}, {"refresh": "x" * 5000}])
def test_a_body_without_a_token_is_not_valid(anonymous: APIClient, body: Any) -> None:
    answer = anonymous.post(ADDRESS, body)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["refresh"]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_several_at_once_one_gets_the_new_pair(user: User) -> None:
    token = log_in()["refresh"]
    start = Barrier(8)

    def refresh(_: int) -> Any:
        start.wait()
        try:
            return APIClient().post(ADDRESS, {"refresh": token})
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(refresh, range(8)))
    assert sorted(answer.status_code for answer in answers) == [200, *[401] * 7]
    assert OutstandingToken.objects.count() == 2
