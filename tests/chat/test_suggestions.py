"""After an answer, questions are suggested that the same documents answer and that were not asked yet."""

from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from tests.knowledge import LOANS, submit
from tests.loopback.mistral import LoopbackMistral

pytestmark = pytest.mark.usefixtures("library")
RENEW = "How do I renew a loan?"
GOLDEN = "How many books may a reader borrow at a time?"


def ask(client: APIClient, content: str, **fields: str) -> dict[str, Any]:
    answer = client.post("/api/chat/messages/", {"content": content, **fields})
    assert answer.status_code == 201, answer.content
    bot: dict[str, Any] = answer.json()["bot_message"]
    return bot


def golden(editor: APIClient, text: str, *titles: str) -> None:
    documents = {found["title"]: found["id"] for found in editor.get("/api/documents/").json()["results"]}
    made = editor.post("/api/documents/questions/", {"text": text, "documents": [documents[title] for title in titles]})
    assert made.status_code == 201, made.content


def test_they_come_from_golden_questions_and_headings_of_what_was_cited(
    client: APIClient, editor_client: APIClient
) -> None:
    golden(editor_client, GOLDEN, "Loans")
    golden(editor_client, "When does the library open?", "Opening hours")
    bot = ask(client, "What does a late return cost?")
    assert bot["citations"][0]["title"] == "Loans"
    assert bot["suggestions"][0] == GOLDEN
    assert RENEW in bot["suggestions"]
    assert "When does the library open?" not in bot["suggestions"]
    assert client.get(f"/api/chat/messages/{bot['id']}/").json()["suggestions"] == bot["suggestions"]


def test_each_of_them_is_answered(client: APIClient) -> None:
    bot = ask(client, "How many books may I borrow?")
    assert 1 <= len(bot["suggestions"]) <= 3
    for suggestion in bot["suggestions"]:
        assert ask(client, suggestion)["grounded"] is True


def test_what_was_asked_already_is_not_suggested(client: APIClient) -> None:
    bot = ask(client, "how do i RENEW a loan")
    assert RENEW not in bot["suggestions"]
    later = ask(client, "What does a late return cost?", session_id=bot["session_id"])
    assert RENEW not in later["suggestions"]
    assert RENEW in ask(client, "What does a late return cost?")["suggestions"]


def test_a_question_that_tells_of_a_hidden_document_is_not_suggested(
    client: APIClient, editor_client: APIClient
) -> None:
    staff = {"name": "Staff", "slug": "staff", "visibility": "roles", "roles": ["editor"]}
    editor_client.post("/api/documents/collections/", staff)
    submit(editor_client, "Merger", "# Merger\n\nThe loan desk will merge with the city archive.", collection="staff")
    golden(editor_client, "Will the loan desk merge with the archive?", "Loans", "Merger")
    bot = ask(client, "What does a late return cost?")
    assert "Will the loan desk merge with the archive?" not in bot["suggestions"]


def test_a_refusal_suggests_nothing(client: APIClient) -> None:
    assert ask(client, "What is the boiling point of tungsten?")["suggestions"] == []


def test_no_provider_is_asked_for_them(client: APIClient, editor_client: APIClient, settings: Settings) -> None:
    with LoopbackMistral() as server:
        settings.RAG = {
            **settings.RAG,
            "EMBEDDER": "rag.embedders.mistral.MistralEmbedder",
            "MISTRAL": {**settings.RAG["MISTRAL"], "api_key": server.key, "server_url": server.url},
            "THRESHOLD": 0.1,
        }
        submit(editor_client, "Fees", LOANS.replace("Loans", "Fees").replace("loan", "lease"))
        before = len(server.requests)
        bot = ask(client, "How long does a lease last?")
        assert bot["suggestions"]
        assert [request.path for request in server.requests[before:]] == ["/v1/embeddings"]  # of the question itself
