"""A question is answered from the documents, with citations that can be checked, or refused."""

import pytest
from rest_framework.test import APIClient

from documents.models import Version
from rag.prompts import REFUSAL

pytestmark = pytest.mark.usefixtures("library")


def test_the_answer_cites_the_passage_that_it_rests_on(client: APIClient) -> None:
    answer = client.post("/api/chat/messages/", {"content": "How many books may I borrow?"})
    assert answer.status_code == 201
    bot = answer.json()["bot_message"]
    assert bot["status"] == "complete"
    assert bot["grounded"] is True
    assert "seven books" in bot["content"]
    assert bot["model"] == "extractive"
    assert bot["citations"][0]["title"] == "Loans"
    assert f"[{bot['citations'][0]['marker']}]" in bot["content"]


def test_a_citation_s_offsets_give_its_text_in_the_stored_version(client: APIClient) -> None:
    bot = client.post("/api/chat/messages/", {"content": "What does a late return cost?"}).json()["bot_message"]
    for citation in bot["citations"]:
        version = Version.objects.get(document=citation["document_id"], number=citation["version"])
        assert version.text[citation["char_start"] : citation["char_end"]] == citation["text"]


def test_steps_are_quoted_whole(client: APIClient) -> None:
    bot = client.post("/api/chat/messages/", {"content": "How do I renew a loan?"}).json()["bot_message"]
    assert "1. Log in to the catalogue." in bot["content"]
    assert "3. Press the button Renew" in bot["content"]


def test_what_the_documents_do_not_hold_is_refused(client: APIClient) -> None:
    answer = client.post("/api/chat/messages/", {"content": "What is the boiling point of tungsten?"})
    bot = answer.json()["bot_message"]
    assert bot["grounded"] is False
    assert REFUSAL in bot["content"]
    assert bot["citations"] == []
    assert bot["status"] == "complete"


def test_an_answer_outlives_its_document(client: APIClient, editor_client: APIClient) -> None:
    bot = client.post("/api/chat/messages/", {"content": "How many books may I borrow?"}).json()["bot_message"]
    for document in editor_client.get("/api/documents/").json()["results"]:
        editor_client.delete(f"/api/documents/{document['id']}/")
    again = client.get(f"/api/chat/messages/{bot['id']}/").json()
    assert again["citations"] == bot["citations"]
    refused = client.post("/api/chat/messages/", {"content": "How many books may I borrow?"}).json()["bot_message"]
    assert refused["grounded"] is False


@pytest.mark.parametrize("content", ["", "   ", "x" * 4001])
def test_a_question_has_1_to_4000_characters(client: APIClient, content: str) -> None:
    answer = client.post("/api/chat/messages/", {"content": content})
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert "content" in answer.json()["errors"]
    assert client.get("/api/chat/history/").json()["total_messages"] == 0


def test_asking_needs_an_account(anonymous: APIClient) -> None:
    answer = anonymous.post("/api/chat/messages/", {"content": "How many books may I borrow?"})
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_authenticated"


def test_an_empty_knowledge_base_refuses(client: APIClient, editor_client: APIClient) -> None:
    for document in editor_client.get("/api/documents/").json()["results"]:
        assert editor_client.delete(f"/api/documents/{document['id']}/").status_code == 204
    bot = client.post("/api/chat/messages/", {"content": "When is the library open?"}).json()["bot_message"]
    assert bot["grounded"] is False
