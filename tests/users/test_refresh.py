"""A refresh token is exchanged for the next pair, once. What comes back later is theft."""

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import jwt
import pytest
from django.db import connection
from rest_framework.test import APIClient

from tests.conftest import PASSWORD
from users.models import AuditEntry, LoginSession, User

ADDRESS = "/api/auth/refresh/"


def log_in() -> dict[str, str]:
    pair: dict[str, str] = APIClient().post("/api/auth/login/", {"username": "ada", "password": PASSWORD}).json()
    return pair


def time_passes(seconds: float) -> None:
    """Since all that was exchanged until now."""
    for session in LoginSession.objects.all():
        session.exchanged = [at - seconds for at in session.exchanged]
        session.save()


def same(one: str, other: str) -> bool:
    """Whether they are the same member of the family; its times have moved with what ``time_passes`` moved."""
    ids = [jwt.decode(token, options={"verify_signature": False})["jti"] for token in (one, other)]
    return bool(ids[0] == ids[1])


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


@pytest.mark.parametrize("seconds", [0, 9])
def test_a_spent_token_is_answered_by_its_successor_for_ten_seconds(
    anonymous: APIClient, user: User, seconds: int
) -> None:
    old = log_in()["refresh"]
    new = anonymous.post(ADDRESS, {"refresh": old}).json()["refresh"]
    time_passes(seconds)
    again = anonymous.post(ADDRESS, {"refresh": old}).json()
    assert same(again["refresh"], new)
    assert seconds or again["refresh"] == new
    assert anonymous.get("/api/auth/me/", HTTP_AUTHORIZATION=f"Bearer {again['access']}").status_code == 200
    assert LoginSession.objects.get().number == 2
    assert anonymous.post(ADDRESS, {"refresh": new}).status_code == 200


def test_its_successor_may_be_spent_already(anonymous: APIClient, user: User) -> None:
    first = log_in()["refresh"]
    second = anonymous.post(ADDRESS, {"refresh": first}).json()["refresh"]
    time_passes(6)
    third = anonymous.post(ADDRESS, {"refresh": second}).json()["refresh"]
    assert same(anonymous.post(ADDRESS, {"refresh": first}).json()["refresh"], second)
    assert same(anonymous.post(ADDRESS, {"refresh": second}).json()["refresh"], third)
    time_passes(6)  # twelve seconds since the first exchange, six since the second
    assert same(anonymous.post(ADDRESS, {"refresh": second}).json()["refresh"], third)
    assert is_refused(anonymous.post(ADDRESS, {"refresh": first}))


def test_a_spent_token_that_comes_back_later_ends_the_session(
    anonymous: APIClient, user: User, caplog: pytest.LogCaptureFixture
) -> None:
    stolen = log_in()["refresh"]
    other = log_in()["refresh"]
    new = anonymous.post(ADDRESS, {"refresh": stolen}).json()
    time_passes(11)
    with caplog.at_level(logging.WARNING):
        assert is_refused(anonymous.post(ADDRESS, {"refresh": stolen}))
    assert is_refused(anonymous.post(ADDRESS, {"refresh": new["refresh"]}))
    assert is_refused(anonymous.get("/api/auth/me/", HTTP_AUTHORIZATION=f"Bearer {new['access']}"))
    assert anonymous.post(ADDRESS, {"refresh": other}).status_code == 200

    [session] = LoginSession.objects.exclude(revoked_at=None)
    assert session.revoked_why == "reuse"
    entry = AuditEntry.objects.get(action="login_session.reuse")
    assert (entry.object_id, entry.detail["owner"]) == (str(session.pk), "ada")
    [said] = [record.getMessage() for record in caplog.records if record.name == "users.login_sessions"]
    assert str(session.pk) in said
    assert stolen not in said
    assert "eyJ" not in said


def test_it_is_told_once_that_a_token_was_stolen(anonymous: APIClient, user: User) -> None:
    stolen = log_in()["refresh"]
    anonymous.post(ADDRESS, {"refresh": stolen})
    time_passes(11)
    for _ in range(3):
        assert is_refused(anonymous.post(ADDRESS, {"refresh": stolen}))
    assert AuditEntry.objects.filter(action="login_session.reuse").count() == 1


def test_no_token_is_stored(anonymous: APIClient, user: User) -> None:
    anonymous.post(ADDRESS, {"refresh": log_in()["refresh"]})
    assert "eyJ" not in str(list(LoginSession.objects.values()))


def test_a_token_from_before_a_backup_was_put_back_is_refused(anonymous: APIClient, user: User) -> None:
    newest = anonymous.post(ADDRESS, {"refresh": log_in()["refresh"]}).json()["refresh"]
    LoginSession.objects.update(number=1, exchanged=[])
    assert is_refused(anonymous.post(ADDRESS, {"refresh": newest}))
    assert LoginSession.objects.get().revoked_at is None


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


def test_a_token_of_a_session_that_is_forgotten_is_refused(anonymous: APIClient, user: User) -> None:
    token = log_in()["refresh"]
    LoginSession.objects.all().delete()
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


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_the_same_successor_and_nobody_is_logged_out(user: User) -> None:
    token = log_in()["refresh"]
    start = Barrier(12)

    def refresh(_: int) -> Any:
        start.wait()
        try:
            return APIClient().post(ADDRESS, {"refresh": token})
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(refresh, range(12)))
    assert [answer.status_code for answer in answers] == [200] * 12
    [successor] = {answer.json()["refresh"] for answer in answers}
    assert LoginSession.objects.get().number == 2
    assert APIClient().post(ADDRESS, {"refresh": successor}).status_code == 200
