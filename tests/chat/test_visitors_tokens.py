"""A visitor's conversation is read with its token only: not with its id, not with another's token, not for ever."""

import time
from uuid import UUID, uuid4

import pytest
from django.core import signing
from hypothesis import assume, given
from hypothesis import strategies as st
from pytest_django import Settings
from rest_framework.test import APIClient

from chat.models import Message, Session
from chat.services import session_delete
from chat.visitors.tokens import token_issue, token_read
from tests.chat.visitors import ASK, QUESTION, Guest
from users.errors import InvalidToken
from users.login_sessions import tokens_issue
from users.models import User

TWO_HOURS = 2 * 3600


class Past(signing.TimestampSigner):
    """Signs as the product did so many seconds ago."""

    def __init__(self, seconds: int) -> None:
        super().__init__(salt="chat.visitors")
        self._ago = seconds

    def timestamp(self) -> str:
        return signing.b62_encode(int(time.time()) - self._ago)


@pytest.fixture
def guest() -> Guest:
    guest = Guest()
    guest.ask()
    return guest


def test_without_a_token_there_is_no_conversation(guest: Guest, anonymous: APIClient, client: APIClient) -> None:
    for stranger in (anonymous, client):
        for answer in (
            stranger.get(f"/api/chatbot/session/{guest.session}/"),
            stranger.post(ASK, {"message": QUESTION, "session_id": guest.session}),
        ):
            assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Visitor")
            assert answer.json()["code"] == "not_authenticated"
    assert Message.objects.count() == 2


def test_a_visitor_never_reads_another_s_conversation_nor_writes_in_it(guest: Guest) -> None:
    other = Guest()
    other.ask()
    assert other.read(guest.session).status_code == 404
    asked = {"message": QUESTION, "session_id": guest.session}
    answer = other.client.post(ASK, asked, headers={"Authorization": f"Visitor {other.token}"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert len(guest.read().json()["messages"]) == 2


def test_an_account_s_conversation_is_no_visitor_s(client: APIClient, guest: Guest) -> None:
    mine = client.post("/api/chat/sessions/", {}).json()["id"]
    assert guest.read(mine).status_code == 404
    assert guest.read(mine, token_issue(UUID(mine))).status_code == 404
    assert client.get(f"/api/chat/sessions/{guest.session}/").status_code == 404
    assert client.get("/api/chat/history/").json()["total_messages"] == 0


def test_a_visitor_token_opens_nothing_else(guest: Guest, user: User) -> None:
    for path in ("/api/chat/sessions/", "/api/chat/history/", "/api/auth/me/"):
        assert guest.client.get(path, headers={"Authorization": f"Visitor {guest.token}"}).status_code == 401
    assert guest.read(token=tokens_issue(user=user).access).status_code == 401


def test_a_token_lives_for_two_hours_and_each_answer_brings_a_new_one(guest: Guest) -> None:
    late = Past(TWO_HOURS - 60).sign(guest.session)
    read = guest.read(token=late)
    assert read.status_code == 200
    assert guest.read(token=read.json()["visitor_token"]).status_code == 200
    guest.token = late
    renewed = guest.ask()["visitor_token"]
    assert renewed != late
    assert guest.read(token=renewed).status_code == 200
    refused = guest.read(token=Past(TWO_HOURS + 1).sign(guest.session))
    assert (refused.status_code, refused.json()["code"]) == (401, "invalid_token")


@pytest.mark.parametrize("token", ["", "x", "::", "é", "Bearer", "a" * 5000])
def test_what_was_never_a_token_is_refused(guest: Guest, token: str) -> None:
    assert guest.read(token=token).status_code == 401


def test_a_token_signed_with_another_key_or_for_something_else_is_refused(guest: Guest, settings: Settings) -> None:
    for key, salt in ((None, "another"), ("another", "chat.visitors")):
        assert guest.read(token=signing.TimestampSigner(key=key, salt=salt).sign(guest.session)).status_code == 401
    settings.SECRET_KEY = "the key of tomorrow"
    assert guest.read().status_code == 401


def test_with_its_conversation_a_token_ends(guest: Guest) -> None:
    session_delete(session=Session.objects.get())
    assert guest.read().status_code == 404


@given(place=st.integers(min_value=0), letter=st.characters(min_codepoint=33, max_codepoint=126))
def test_no_letter_of_a_token_can_be_changed(place: int, letter: str) -> None:
    token = token_issue(UUID("4f6f3a1e-5d0c-4a3e-9d59-0f6f8f7f0c11"))
    place %= len(token)
    assume(token[place] != letter)
    for forged in (token[:place] + letter + token[place + 1 :], token[:place] + letter + token[place:], token[:place]):
        with pytest.raises(InvalidToken):
            token_read(forged)


@given(st.text())
def test_no_text_is_a_token(text: str) -> None:
    with pytest.raises(InvalidToken):
        token_read(text)


def test_a_token_names_one_conversation() -> None:
    mine, other = uuid4(), uuid4()
    assert token_read(token_issue(mine)) == mine
    signature = token_issue(mine).partition(":")[2]
    with pytest.raises(InvalidToken):
        token_read(f"{other}:{signature}")
