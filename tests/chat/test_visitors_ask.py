"""Whoever visits a website asks without an account, and reads the conversation again."""

from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from chat.models import Session, Visitor
from tests.chat.visitors import ASK, QUESTION, Guest
from tests.knowledge import submit
from tests.loopback.mistral import LoopbackMistral


@pytest.mark.usefixtures("library")
def test_a_visitor_asks_and_asks_on() -> None:
    guest = Guest()
    first = guest.ask()
    assert set(first) >= {
        *("session_id", "visitor_token", "message_id", "response", "citations", "quick_replies", "response_time_ms")
    }
    assert "seven books" in first["response"]
    assert (first["status"], first["grounded"], first["citations"][0]["title"]) == ("complete", True, "Loans")
    second = guest.ask("And how long does a loan last?")
    assert second["session_id"] == first["session_id"]
    assert "four weeks" in second["response"]
    read = guest.read().json()
    assert [message["sender_type"] for message in read["messages"]] == ["user", "bot", "user", "bot"]
    assert read["messages"][1]["id"] == first["message_id"]
    assert read["messages"][1]["citations"] == first["citations"]
    assert read["created_at"].endswith("Z")


@pytest.mark.usefixtures("library")
def test_what_editors_offer_comes_with_an_answer_that_nothing_follows_from(editor_client: APIClient) -> None:
    for text, audience in (("When are you open?", "visitors"), ("How do I log in?", "users")):
        editor_client.post("/api/chat/quick-replies/", {"text": text, "audience": audience})
    opening = APIClient().get("/api/chatbot/suggestions/").json()
    assert opening == {"source": "editors", "suggestions": ["When are you open?"]}
    assert Guest().ask("What is the boiling point of tungsten?")["quick_replies"] == ["When are you open?"]
    assert Guest().ask("when are you open?")["quick_replies"] != ["When are you open?"]


def test_name_and_address_are_kept_if_they_are_told() -> None:
    guest = Guest()
    guest.ask()
    assert guest.read().json()["visitor_info"] == {"name": "", "email": ""}
    guest.ask(visitor_info={"name": "Ada", "email": "ada@example.org"})
    guest.ask(visitor_info={"name": "Ada L."})
    assert guest.read().json()["visitor_info"] == {"name": "Ada L.", "email": "ada@example.org"}


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"message": " "}, "message"),
        ({"message": "x" * 4001}, "message"),
        ({"session_id": "7"}, "session_id"),
        ({"visitor_info": {"email": "nobody"}}, "visitor_info.email"),
        ({"visitor_info": {"name": "x" * 101}}, "visitor_info.name"),
        ({"visitor_info": "Ada"}, "visitor_info.non_field_errors"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(anonymous: APIClient, more: dict[str, Any], field: str) -> None:
    refused = anonymous.post(ASK, {"message": QUESTION, **more})
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
    assert list(refused.json()["errors"]) == [field]
    assert not Session.objects.exists()
    assert not Visitor.objects.exists()


def test_only_public_documents_are_cited(editor_client: APIClient, client: APIClient) -> None:
    for visibility, book in (("members", "eleven"), ("roles", "thirteen")):
        made = {"name": visibility, "slug": visibility, "visibility": visibility, "roles": ["editor"]}
        assert editor_client.post("/api/documents/collections/", made).status_code == 201
        submit(editor_client, "Loans", f"A reader may borrow up to {book} books at a time.", collection=visibility)
    assert "eleven" in client.post("/api/chat/messages/", {"content": QUESTION}).json()["bot_message"]["content"]
    answer = Guest().ask()
    assert (answer["grounded"], answer["citations"]) == (False, [])
    assert "eleven" not in answer["response"]
    assert "thirteen" not in answer["response"]


@pytest.mark.usefixtures("library")
def test_where_no_model_can_be_reached_the_answer_says_so_and_the_conversation_goes_on(
    mistral: LoopbackMistral, settings: Settings
) -> None:
    settings.RAG = {**settings.RAG, "GENERATORS": settings.RAG["GENERATORS"][:1]}
    guest = Guest()
    mistral.fail_next("error")
    failed = guest.ask()
    assert (failed["status"], failed["citations"]) == ("failed", [])
    assert failed["response"].startswith("Sorry")
    assert guest.ask()["status"] == "complete"
    endings = [message["status"] for message in guest.read().json()["messages"]]
    assert endings == ["complete", "failed", "complete", "complete"]


def test_a_log_in_does_not_matter_here(client: APIClient) -> None:
    guest = Guest(client=client)
    guest.ask()
    assert Session.objects.get().user is None
