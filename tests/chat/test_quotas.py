"""Messages a minute and tokens a day are limited; who reaches a limit is told which, and when it ends."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from chat.models import Message, Usage
from tests.conftest import client_of
from tests.loopback.mistral import LoopbackMistral
from users.models import Role, User
from users.services import account_create

ASK = "/api/chat/messages/"
QUESTION = {"content": "How many books may I borrow?"}


@pytest.fixture
def limits(settings: Settings) -> None:
    settings.CHAT = {"MESSAGES_A_MINUTE": 2, "TOKENS_A_DAY": {"user": 100, "editor": 1000, "admin": 0}}


def use(user: User, prompt: int, completion: int, *, days_ago: int = 0) -> None:
    day = timezone.now().date() - timedelta(days=days_ago)
    Usage.objects.create(user=user, day=day, answers=1, prompt_tokens=prompt, completion_tokens=completion)


@pytest.mark.usefixtures("limits")
def test_whoever_asks_too_fast_waits(client: APIClient, editor_client: APIClient) -> None:
    first = client.post(ASK, QUESTION)
    assert (first["RateLimit-Policy"], first["RateLimit"][:14]) == ('"messages";q=2;w=60', '"messages";r=1')
    bot = first.json()["bot_message"]["id"]
    assert client.post(f"/api/chat/messages/{bot}/regenerate/").status_code == 201
    refused = client.post(ASK, QUESTION)
    body = refused.json()
    assert (refused.status_code, body["code"]) == (429, "rate_limited")
    assert (body["limit"], body["allowed"]) == ("messages_a_minute", 2)
    assert 0 < int(refused["Retry-After"]) <= 60
    assert refused["RateLimit"].startswith('"messages";r=0;t=')
    assert Message.objects.filter(sender_type="user").count() == 1
    assert client.get("/api/chat/history/").status_code == 200  # reading goes on
    assert editor_client.post(ASK, QUESTION).status_code == 201


@pytest.mark.usefixtures("limits")
def test_whoever_has_used_their_tokens_waits_for_the_next_day(client: APIClient, user: User) -> None:
    use(user, 5000, 5000, days_ago=1)
    assert client.post(ASK, QUESTION).status_code == 201
    Usage.objects.filter(day=timezone.now().date()).update(prompt_tokens=70, completion_tokens=30)
    refused = client.post(ASK, QUESTION)
    body = refused.json()
    assert (refused.status_code, body["code"]) == (429, "token_budget_exhausted")
    assert (body["limit"], body["allowed"]) == ("tokens_a_day", 100)
    assert 0 < int(refused["Retry-After"]) <= 24 * 3600
    # What cannot be asked takes no place of the minute.
    assert client.get("/api/chat/usage/").json()["messages_a_minute"]["used"] == 1


@pytest.mark.usefixtures("limits")
def test_the_budget_is_that_of_the_role(editor_client: APIClient, editor: User) -> None:
    use(editor, 900, 0)
    told = editor_client.get("/api/chat/usage/").json()["tokens_a_day"]
    assert (told["allowed"], told["used"], told["left"]) == (1000, 900, 100)
    admin = account_create(
        username="root", email="root@example.org", password="correct horse battery staple", role=Role.ADMIN
    )
    use(admin, 10_000_000, 0)
    told = client_of(admin).get("/api/chat/usage/").json()["tokens_a_day"]
    assert (told["allowed"], told["left"]) == (0, None)
    assert client_of(admin).post(ASK, QUESTION).status_code == 201


@pytest.mark.usefixtures("library")
def test_what_answers_cost_is_added_up_and_stays_when_they_are_deleted(client: APIClient, settings: Settings) -> None:
    with LoopbackMistral() as server:
        settings.RAG = {
            **settings.RAG,
            "GENERATORS": ["rag.generators.mistral.MistralGenerator"],
            "MISTRAL": {**settings.RAG["MISTRAL"], "api_key": server.key, "server_url": server.url},
        }
        first = client.post(ASK, QUESTION).json()["bot_message"]
        again = client.post(f"/api/chat/messages/{first['id']}/regenerate/").json()["bot_message"]
        kept = client.post(ASK, QUESTION).json()["bot_message"]
    assert kept["metadata"]["cached"] is True
    client.delete(f"/api/chat/sessions/{first['session_id']}/")
    told = client.get("/api/chat/usage/").json()["tokens_a_day"]
    assert told["answers"] == 3
    assert told["prompt_tokens"] == first["usage"]["prompt_tokens"] + again["usage"]["prompt_tokens"] > 0
    assert told["used"] == told["prompt_tokens"] + told["completion_tokens"]
    assert told["left"] == told["allowed"] - told["used"]
    assert told["resets_at"].endswith("T00:00:00Z")


def test_one_s_own_usage_alone_is_shown(anonymous: APIClient) -> None:
    assert anonymous.get("/api/chat/usage/").status_code == 401
