"""Visitors ask a limited number of questions from one address, and spend a limited number of tokens on one website."""

from ipaddress import ip_network

import pytest
from django.test import RequestFactory
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from chat.models import Session, Usage, VisitorUsage
from tests.chat.visitors import ASK, QUESTION, Guest
from tests.loopback.mistral import LoopbackMistral
from users.models import User
from utils.client_address import client_address

SHOP = "https://shop.example.org"


@pytest.fixture(autouse=True)
def _limits(settings: Settings) -> None:
    settings.VISITORS = {**settings.VISITORS, "MESSAGES_A_MINUTE": 2, "TOKENS_A_DAY": 100}
    settings.CORS_ALLOWED_ORIGINS = [SHOP]


def ask(address: str = "192.0.2.7", origin: str = "", forwarded: str = "") -> int:
    headers = {"Origin": origin, "X-Forwarded-For": forwarded}
    told = {name: value for name, value in headers.items() if value}
    return APIClient().post(ASK, {"message": QUESTION}, headers=told, REMOTE_ADDR=address).status_code


def test_one_address_asks_so_often_in_a_minute(anonymous: APIClient) -> None:
    assert [ask(), ask(), ask()] == [200, 200, 429]
    refused = anonymous.post(ASK, {"message": QUESTION}, REMOTE_ADDR="192.0.2.7")
    body = refused.json()
    assert (body["code"], body["limit"], body["allowed"]) == ("rate_limited", "messages_a_minute", 2)
    assert 0 < int(refused["Retry-After"]) <= 60
    assert Session.objects.count() == 2
    assert ask("192.0.2.8") == 200


def test_nobody_gets_another_address_by_saying_so() -> None:
    assert [ask(forwarded=f"198.51.100.{n}") for n in range(3)] == [200, 200, 429]


def test_the_network_of_an_ipv6_connection_counts_as_one_address() -> None:
    assert [ask(f"2001:db8:1:2::{n}") for n in range(1, 4)] == [200, 200, 429]
    assert ask("2001:db8:1:3::1") == 200


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.1", "198.51.100.1"),  # the first one is the client's own invention
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "203.0.113.9, unknown", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("192.0.2.7", "198.51.100.1", "192.0.2.7"),
        ("", "198.51.100.1", ""),
    ],
)
def test_a_trusted_proxy_tells_whom_it_saw(settings: Settings, peer: str, forwarded: str, address: str) -> None:
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/8")]
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR=peer)
    assert client_address(request) == address


@pytest.mark.usefixtures("library")
def test_what_answers_cost_counts_for_the_website_and_day(mistral: LoopbackMistral, user: User) -> None:
    guest = Guest(headers={"Origin": SHOP})
    guest.ask()
    used = VisitorUsage.objects.get()
    assert (used.origin, used.day, used.answers) == (SHOP, timezone.now().date(), 1)
    assert used.prompt_tokens > 100
    refused = guest.client.post(ASK, {"message": QUESTION}, headers=guest.headers)
    body = refused.json()
    assert (refused.status_code, body["code"], body["limit"]) == (429, "token_budget_exhausted", "tokens_a_day")
    assert 0 < int(refused["Retry-After"]) <= 24 * 3600
    # Somebody who leaves out where they are does not go on in a conversation from there.
    hidden = {"message": QUESTION, "session_id": guest.session}
    token = {"Authorization": f"Visitor {guest.token}"}
    assert guest.client.post(ASK, hidden, headers=token).status_code == 429
    assert ask() == 200
    assert not Usage.objects.exists()
