"""Pages of other websites reach the visitors' chat if they are listed, and nothing else of the product ever."""

import pytest
from pydantic import ValidationError
from pytest_django import Settings
from rest_framework.test import APIClient

from chat.models import Session, Visitor
from config.env import Environment
from tests.chat.visitors import ASK, QUESTION, Guest

SHOP = "https://shop.example.org"
ALLOW = "Access-Control-Allow-Origin"


@pytest.fixture(autouse=True)
def _listed(settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = [SHOP]


def preflight(client: APIClient, path: str, origin: str, method: str = "POST") -> dict[str, str]:
    answer = client.options(
        path,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization, content-type",
        },
    )
    return {name.lower(): value for name, value in answer.items()}


def test_a_listed_website_asks_and_reads(anonymous: APIClient) -> None:
    allowed = preflight(anonymous, ASK, SHOP)
    assert allowed["access-control-allow-origin"] == SHOP
    assert "POST" in allowed["access-control-allow-methods"]
    assert {"authorization", "content-type"} <= set(allowed["access-control-allow-headers"].split(", "))
    assert "access-control-allow-credentials" not in allowed
    answer = anonymous.post(ASK, {"message": QUESTION}, headers={"Origin": SHOP})
    assert (answer.status_code, answer[ALLOW]) == (200, SHOP)
    assert "RateLimit" in answer["Access-Control-Expose-Headers"]
    assert "origin" in answer["Vary"].lower()
    body = answer.json()
    path = f"/api/chatbot/session/{body['session_id']}/"
    read = anonymous.get(path, headers={"Origin": SHOP, "Authorization": f"Visitor {body['visitor_token']}"})
    assert (read.status_code, read[ALLOW]) == (200, SHOP)
    assert Visitor.objects.get().origin == SHOP


def test_what_is_refused_can_be_read_there(anonymous: APIClient) -> None:
    refused = anonymous.post(ASK, {"message": ""}, headers={"Origin": SHOP})
    assert (refused.status_code, refused[ALLOW]) == (400, SHOP)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", f"{SHOP}.evil.example", "http://shop.example.org", f"{SHOP}:8443", "null"]
)
def test_another_website_is_refused(anonymous: APIClient, origin: str) -> None:
    assert "access-control-allow-origin" not in preflight(anonymous, ASK, origin)
    for refused in (
        anonymous.post(ASK, {"message": QUESTION}, headers={"Origin": origin}),
        anonymous.get("/api/chatbot/suggestions/", headers={"Origin": origin}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (403, "origin_not_allowed")
        assert ALLOW not in refused
    assert not Session.objects.exists()


def test_pages_of_this_server_and_programs_need_no_listing(anonymous: APIClient) -> None:
    Guest(headers={"Origin": "http://testserver"}).ask()
    Guest().ask()
    assert set(Visitor.objects.values_list("origin", flat=True)) == {"http://testserver", ""}


@pytest.mark.parametrize("path", ["/api/chat/messages/", "/api/auth/login/", "/api/documents/", "/api/chatbot/query/"])
def test_a_listed_website_reaches_nothing_else(anonymous: APIClient, path: str) -> None:
    assert "access-control-allow-origin" not in preflight(anonymous, path, SHOP)
    assert ALLOW not in anonymous.post(path, {}, headers={"Origin": SHOP})


def test_websites_are_listed_as_browsers_name_them() -> None:
    listed = Environment(visitor_origins="https://Shop.example.org/, http://127.0.0.1:8080")
    assert listed.visitor_origins == [SHOP, "http://127.0.0.1:8080"]


@pytest.mark.parametrize("wrong", ["*", "shop.example.org", "https://", f"{SHOP}/chat", "null", "file:///chat.html"])
def test_what_is_no_website_cannot_be_listed(wrong: str) -> None:
    with pytest.raises(ValidationError, match="is no origin"):
        Environment(visitor_origins=wrong)
