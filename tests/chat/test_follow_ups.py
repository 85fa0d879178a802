"""A question that leans on the conversation is searched for and answered as what it means in it."""

from typing import Any

import pytest
from rest_framework.test import APIClient

pytestmark = pytest.mark.usefixtures("library")


def talk(client: APIClient, *questions: str) -> list[dict[str, Any]]:
    """Ask them in one session. The answers, each with its question under ``asked``."""
    session = client.post("/api/chat/sessions/", {}).json()["id"]
    answers = []
    for question in questions:
        answer = client.post(f"/api/chat/sessions/{session}/messages/", {"content": question})
        assert answer.status_code == 201, answer.content
        body = answer.json()
        answers.append({**body["bot_message"], "asked": body["user_message"]["content"]})
    return answers


def understood(bot: dict[str, Any]) -> str:
    meant: str = bot["metadata"].get("standalone_question", bot["asked"])
    return meant


def test_a_pronoun_means_what_the_question_before_was_about(client: APIClient) -> None:
    _, bot, thanks, new = talk(
        client, "How do I renew a loan?", "how long does it last?", "ok, thanks!", "When is the library open?"
    )
    assert understood(bot) == "how long does a loan last?"
    assert bot["asked"] == "how long does it last?"
    assert "four weeks" in bot["content"]
    assert bot["citations"][0]["title"] == "Loans"
    # Small talk is not made a question, and a new subject is not mixed with the old one.
    assert "standalone_question" not in thanks["metadata"]
    assert thanks["grounded"] is False
    assert "standalone_question" not in new["metadata"]
    assert "nine in the morning" in new["content"]


def test_what_is_left_out_comes_from_the_question_before_however_far_back(client: APIClient) -> None:
    *_, bot = talk(client, "What does a late return of a film cost?", "thanks", "and of a book?")
    assert understood(bot) == "What does a late return of a book cost?"
    assert "twenty cents" in bot["content"]


def test_what_was_refused_is_a_subject_all_the_same(client: APIClient) -> None:
    _, bot = talk(client, "How many violins may I borrow?", "and books?")
    assert understood(bot) == "How many books may I borrow?"
    assert "seven books" in bot["content"]


def test_only_the_own_conversation_is_leant_on(client: APIClient) -> None:
    talk(client, "How do I renew a loan?")
    (bot,) = talk(client, "how long does it last?")
    assert "standalone_question" not in bot["metadata"]
