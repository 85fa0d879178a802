"""Who tries passwords gets five tries a minute: from one address of the network, and for one account."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from ipaddress import ip_network
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from pydantic import ValidationError
from pytest_django import Settings
from rest_framework.test import APIClient

from config.env import Environment
from tests.conftest import PASSWORD
from tests.serving import Served
from users.models import User

LOGIN = "/api/auth/login/"
ALLOWED = [401] * 5
WRONG = "a wrong password"


@pytest.fixture(autouse=True)
def _limits(settings: Settings) -> None:
    settings.LIMITS = {**settings.LIMITS, "login": (5, 60)}


def tried(login: str = "ada", address: str = "192.0.2.7", *, password: str = WRONG, forwarded: str = "") -> Any:
    field = "email" if "@" in login else "username"
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    body = {field: login, "password": password}
    return APIClient().post(LOGIN, body, headers=headers, REMOTE_ADDR=address)


def elsewhere(number: int, login: str = "ada") -> int:
    """The status of a try from an address of its own."""
    return int(tried(login, f"192.0.2.{number}").status_code)


def test_the_sixth_try_is_refused_whatever_the_password(user: User) -> None:
    assert [tried().status_code for _ in range(5)] == ALLOWED
    refused = tried(password=PASSWORD)
    body = refused.json()
    assert (refused.status_code, body["code"]) == (429, "rate_limited")
    assert (body["limit"], body["allowed"], body["seconds"]) == ("login", 5, 60)
    assert 0 < int(refused["Retry-After"]) <= 60
    assert refused["RateLimit-Policy"] in ('"login-address";q=5;w=60', '"login-account";q=5;w=60')
    assert ";r=0;" in refused["RateLimit"]


def test_an_account_counts_from_wherever_it_is_tried(user: User) -> None:
    assert [elsewhere(number) for number in range(6)] == [*ALLOWED, 429]
    assert tried(address="192.0.2.9").json()["per"] == "account"


def test_an_address_counts_for_whichever_account_it_tries(user: User) -> None:
    assert [tried(f"user{number}").status_code for number in range(6)] == [*ALLOWED, 429]
    assert tried("grace").json()["per"] == "address"


def test_the_name_and_the_address_of_an_account_count_as_one(user: User) -> None:
    names = ["ada", "ADA", "ada@example.org", "ａｄａ", "Ada@Example.Org", "ada"]
    assert [elsewhere(number, name) for number, name in enumerate(names)] == [*ALLOWED, 429]


@pytest.mark.parametrize("login", ["nobody", "nobody@example.org", "No.Body", "ａ" * 200])
def test_a_name_without_an_account_counts_as_well(user: User, login: str) -> None:
    answers = [elsewhere(number, login if number % 2 else login.upper()) for number in range(6)]
    assert answers == [*ALLOWED, 429]


def test_what_is_refused_does_not_use_up_the_other_window(user: User) -> None:
    assert [tried().status_code for _ in range(5)] == ALLOWED
    for _ in range(5):
        assert tried("grace").status_code == 429  # by the address
    assert [elsewhere(number, "grace") for number in range(6)] == [*ALLOWED, 429]


def test_a_right_password_counts_too(user: User) -> None:
    assert [tried(password=PASSWORD).status_code for _ in range(6)] == [*[200] * 5, 429]


def test_a_try_that_is_not_valid_counts_for_its_address(user: User) -> None:
    bodies: list[Any] = [{}, {"username": ["ada"]}, [], {"username": "a" * 300, "password": "b"}, {"username": ""}]
    for body in bodies:
        assert APIClient().post(LOGIN, body, REMOTE_ADDR="192.0.2.7").status_code == 400
    assert tried().status_code == 429


FORWARDED = ("198.51.100.{}", "198.51.100.{}:80", "198.51.100.{}, 127.0.0.1", "[2001:db8:{}::1]:80", "no-address-{}")


@pytest.mark.parametrize("forwarded", FORWARDED)
def test_nobody_gets_another_address_by_saying_so(user: User, forwarded: str) -> None:
    statuses = [tried(f"user{number}", forwarded=forwarded.format(number)).status_code for number in range(6)]
    assert statuses == [*ALLOWED, 429]


def test_a_trusted_proxy_tells_whom_it_saw(settings: Settings, user: User) -> None:
    settings.TRUSTED_PROXIES = [ip_network("192.0.2.0/24")]
    statuses = [
        tried(f"user{number}", forwarded=f"203.0.113.{number}, 198.51.100.1").status_code for number in range(6)
    ]
    assert statuses == [*ALLOWED, 429]
    assert tried("grace", forwarded="198.51.100.1, 198.51.100.2").status_code == 401


def test_the_admin_site_and_the_api_share_the_windows(editor: User) -> None:
    def on_the_site(password: str) -> Any:
        body = {"username": "edda", "password": password}
        return Client().post("/admin/login/", body, REMOTE_ADDR="192.0.2.7")

    assert [tried("edda").status_code for _ in range(3)] == [401] * 3
    assert [on_the_site("wrong").status_code for _ in range(2)] == [200] * 2
    refused = on_the_site(PASSWORD)
    assert refused.status_code == 429
    assert b"Please wait" in refused.content
    assert 0 < int(refused["Retry-After"]) <= 60
    assert tried("edda").status_code == 429


def test_redis_is_not_told_who_tries(user: User) -> None:
    tried("ada@example.org")
    redis: Any = caches["limits"]._cache.get_client(None)  # type: ignore[attr-defined]
    keys = b" ".join(redis.keys(f"{caches['limits'].key_prefix}*"))
    assert keys.count(b"rate:") == 2
    for told in (b"ada", b"192.0.2.7"):
        assert told not in keys


@pytest.fixture
def served() -> Iterator[Served]:
    with Served() as served:
        yield served


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_through_a_real_server_five_reach_the_password(served: Served, user: User) -> None:
    def post(number: int) -> int:
        connection = HTTPConnection("127.0.0.1", served.port, timeout=20)
        headers = {"Content-Type": "application/json"}
        if number % 2:
            headers["X-Forwarded-For"] = FORWARDED[number % len(FORWARDED)].format(number)
        # By the address alone: an account of its own each time.
        connection.request("POST", LOGIN, json.dumps({"username": f"user{number}", "password": "wrong"}), headers)
        status = connection.getresponse().status
        connection.close()
        return status

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(post, range(24)))
    assert sorted(statuses) == [*ALLOWED, *[429] * 19]


def test_registering_and_refreshing_are_limited_by_address(settings: Settings, user: User) -> None:
    settings.LIMITS = {**settings.LIMITS, "register": (1, 600), "refresh": (2, 60)}
    for path, allowed in (("register", 1), ("refresh", 2), ("token/refresh", 0)):
        limit = path.rpartition("/")[2]
        answers = [APIClient().post(f"/api/auth/{path}/", {}) for _ in range(allowed + 1)]
        assert [answer.status_code for answer in answers] == [*[400] * allowed, 429]
        assert answers[-1].json()["limit"] == limit


def test_passwords_are_not_tried_out_by_who_is_logged_in(settings: Settings, client: APIClient) -> None:
    """The windows are those of the log-in."""
    settings.LIMITS = {**settings.LIMITS, "login": (5, 60)}
    change = {"old_password": "wrong", "new_password": "eleven grey owls at noon"}
    statuses = [client.post("/api/auth/password/change/", change).status_code for _ in range(3)]
    statuses += [client.delete("/api/auth/me/", {"password": "wrong"}).status_code for _ in range(3)]
    assert statuses == [*[400] * 4, 429, 429]  # to log in was the first try
    assert client.get("/api/auth/me/").status_code == 200


@pytest.mark.parametrize(
    ("limit", "path", "body"),
    [
        ("verification_resend", "verify-email/resend", {"email": "ada@example.org"}),
        ("password_reset", "password/reset", {"email": "ada@example.org"}),
        ("mailed_token", "verify-email", {"token": "x" * 43}),
        ("mailed_token", "password/reset/confirm", {"token": "x" * 43, "new_password": "eleven grey owls"}),
    ],
)
def test_mails_and_their_tokens_are_limited(settings: Settings, limit: str, path: str, body: dict[str, str]) -> None:
    settings.LIMITS = {**settings.LIMITS, limit: (2, 900)}
    answers = [APIClient().post(f"/api/auth/{path}/", body) for _ in range(3)]
    assert answers[1].status_code in (202, 400)
    assert (answers[2].status_code, answers[2].json()["limit"]) == (429, limit)


def test_other_limits_can_be_set() -> None:
    limits = Environment(limits="login=10/30, refresh = 600/60").limits
    assert (limits["login"], limits["refresh"], limits["register"]) == ((10, 30), (600, 60), (10, 600))
    assert Environment().limits["login"] == (5, 60)


@pytest.mark.parametrize("wrong", ["login", "login=5", "login=0/60", "login=5/0", "logins=5/60", "login=-1/60"])
def test_what_is_no_limit_cannot_be_set(wrong: str) -> None:
    with pytest.raises(ValidationError, match="is not like login=5/60"):
        Environment(limits=wrong)
