"""A visitor who logs in keeps the conversation, as one of the account's own."""

import pytest
from rest_framework.test import APIClient

from chat.beginning import exchange_begin
from chat.models import Session, Usage, Visitor
from chat.streaming import exchange_answer
from tests.chat.visitors import QUESTION, Guest
from users.models import User


@pytest.fixture
def guest() -> Guest:
    guest = Guest()
    guest.ask(visitor_info={"name": "Ada"})
    return guest


def claim(client: APIClient, guest: Guest, token: str = "") -> int:
    path = f"/api/chatbot/session/{guest.session}/claim/"
    return client.post(path, {"visitor_token": token or guest.token}).status_code


def test_the_conversation_becomes_the_account_s_own(client: APIClient, guest: Guest) -> None:
    messages = guest.read().json()["messages"]
    assert claim(client, guest) == 200
    assert claim(client, guest) == 200  # once more, as after a lost answer
    own = f"/api/chat/sessions/{guest.session}/"
    assert client.get(own).json()["title"] == QUESTION
    assert client.get(f"{own}messages/").json()["results"] == messages
    assert client.post(f"{own}messages/", {"content": QUESTION}).status_code == 201
    assert client.get("/api/chat/history/").json()["total_sessions"] == 1
    assert not Visitor.objects.exists()


def test_an_answer_that_is_being_written_meanwhile_is_saved(client: APIClient, user: User, guest: Guest) -> None:
    session = Session.objects.select_related("visitor").get(pk=guest.session)
    assert session.visitor
    exchange = exchange_begin(user=session.visitor, content=QUESTION, session=session)
    assert claim(client, guest) == 200
    exchange_answer(exchange)
    messages = client.get(f"/api/chat/sessions/{guest.session}/messages/").json()["results"]
    assert [message["status"] for message in messages[2:]] == ["complete", "complete"]
    assert Usage.objects.get().user == user


def test_the_token_opens_it_no_more(client: APIClient, editor_client: APIClient, guest: Guest) -> None:
    assert claim(client, guest) == 200
    assert guest.read().status_code == 404
    assert claim(editor_client, guest) == 404
    assert editor_client.get(f"/api/chat/sessions/{guest.session}/").status_code == 404


def test_it_takes_an_account_and_the_token(client: APIClient, anonymous: APIClient, guest: Guest) -> None:
    other = Guest()
    other.ask()
    assert claim(anonymous, guest) == 401
    assert claim(client, guest, token="forged") == 401
    assert claim(client, guest, token=other.token) == 404
    assert client.post(f"/api/chatbot/session/{guest.session}/claim/", {}).status_code == 400
    assert not Session.objects.exclude(user=None).exists()
