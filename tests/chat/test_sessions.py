"""Conversations: made, named, read, searched and deleted by their owner alone."""

import uuid

import pytest
from rest_framework.test import APIClient

from chat.models import Citation, Message
from tests.conftest import PASSWORD, client_of
from users.models import User


def test_a_session_is_made_with_a_title(client: APIClient) -> None:
    answer = client.post("/api/chat/sessions/", {"title": "Onboarding"})
    assert answer.status_code == 201
    assert answer.json()["title"] == "Onboarding"
    assert answer.json()["message_count"] == 0


@pytest.mark.usefixtures("library")
def test_a_session_without_a_title_is_named_after_its_first_question(client: APIClient) -> None:
    session = client.post("/api/chat/sessions/", {}).json()
    client.post(f"/api/chat/sessions/{session['id']}/messages/", {"content": "How long does\n a loan last?"})
    client.post(f"/api/chat/sessions/{session['id']}/messages/", {"content": "And when are you open?"})
    session = client.get(f"/api/chat/sessions/{session['id']}/").json()
    assert session["title"] == "How long does a loan last?"
    assert session["message_count"] == 4


@pytest.mark.usefixtures("library")
def test_messages_come_in_the_order_in_which_they_were_written(client: APIClient) -> None:
    first = client.post("/api/chat/messages/", {"content": "How long does a loan last?"}).json()
    session = first["user_message"]["session_id"]
    client.post("/api/chat/messages/", {"content": "When is the library open?", "session_id": session})
    listed = client.get(f"/api/chat/sessions/{session}/messages/").json()
    assert [message["sender_type"] for message in listed["results"]] == ["user", "bot", "user", "bot"]
    assert listed["results"][1] == first["bot_message"]


@pytest.mark.usefixtures("library")
def test_the_history_is_searched(client: APIClient) -> None:
    client.post("/api/chat/messages/", {"content": "How long does a loan last?"})
    client.post("/api/chat/messages/", {"content": "When is the library open?"})
    everything = client.get("/api/chat/history/").json()
    assert (everything["total_sessions"], everything["total_messages"]) == (2, 4)
    found = client.get("/api/chat/history/", {"q": "LOAN LAST"}).json()
    assert found["total_sessions"] == 1
    assert found["recent_messages"][-1]["content"] == "How long does a loan last?"


@pytest.mark.usefixtures("library")
def test_deleting_a_session_deletes_all_that_it_held(client: APIClient) -> None:
    session = client.post("/api/chat/messages/", {"content": "How long does a loan last?"}).json()["user_message"]
    assert client.delete(f"/api/chat/sessions/{session['session_id']}/").status_code == 204
    assert client.get(f"/api/chat/sessions/{session['session_id']}/").status_code == 404
    assert not Message.objects.exists()
    assert not Citation.objects.exists()


def test_a_session_is_renamed(client: APIClient) -> None:
    session = client.post("/api/chat/sessions/", {}).json()
    answer = client.patch(f"/api/chat/sessions/{session['id']}/", {"title": "Renamed"})
    assert answer.json()["title"] == "Renamed"


@pytest.mark.usefixtures("library")
def test_somebody_else_s_conversation_is_not_found(client: APIClient) -> None:
    asked = client.post("/api/chat/messages/", {"content": "How long does a loan last?"}).json()
    session, message = asked["user_message"]["session_id"], asked["bot_message"]["id"]
    other = client_of(User.objects.create_user("eve", "eve@example.org", PASSWORD))
    assert other.get(f"/api/chat/sessions/{session}/").status_code == 404
    assert other.patch(f"/api/chat/sessions/{session}/", {"title": "mine"}).status_code == 404
    assert other.delete(f"/api/chat/sessions/{session}/").status_code == 404
    assert other.get(f"/api/chat/sessions/{session}/messages/").status_code == 404
    assert other.post(f"/api/chat/sessions/{session}/messages/", {"content": "Hello?"}).status_code == 404
    assert other.post("/api/chat/messages/", {"content": "Hello?", "session_id": session}).status_code == 404
    assert other.get(f"/api/chat/messages/{message}/").status_code == 404
    assert other.get("/api/chat/history/").json()["total_messages"] == 0
    assert other.get("/api/chat/sessions/").json()["count"] == 0


def test_an_unknown_session_is_not_found(client: APIClient) -> None:
    answer = client.get(f"/api/chat/sessions/{uuid.uuid4()}/")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"
