"""What is said where the documents do not hold the answer, or hold a part of it."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from documents.models import Collection, Visibility
from rag.models import KnowledgeGap
from rag.prompts import REFUSAL
from tests.knowledge import submit

pytestmark = pytest.mark.usefixtures("library")
UNKNOWN = "What is the boiling point of tungsten?"
NEAR = "What is the wifi password of the library?"
BOTH = "How many books may a reader borrow, and what is the boiling point of tungsten?"


def ask(client: APIClient, content: str) -> dict[str, Any]:
    answer = client.post("/api/chat/messages/", {"content": content})
    assert answer.status_code == 201, answer.content
    bot: dict[str, Any] = answer.json()["bot_message"]
    return bot


def test_a_refusal_names_the_closest_documents(client: APIClient) -> None:
    bot = ask(client, NEAR)
    assert bot["grounded"] is False
    assert bot["citations"] == []
    assert bot["content"] == f"{REFUSAL}. The closest document is “Opening hours”."
    assert [document["title"] for document in bot["metadata"]["closest"]] == ["Opening hours"]
    assert 0 <= bot["metadata"]["confidence"] < 0.5


def test_where_nothing_is_near_no_document_is_named(client: APIClient) -> None:
    assert ask(client, UNKNOWN)["content"] == f"{REFUSAL}."


def test_a_title_that_the_asker_may_not_see_is_not_named(client: APIClient) -> None:
    Collection.objects.update(visibility=Visibility.ROLES)
    bot = ask(client, NEAR)
    assert (bot["content"], bot["metadata"]["closest"]) == (f"{REFUSAL}.", [])


def test_the_part_that_was_not_found_is_said(client: APIClient) -> None:
    bot = ask(client, BOTH)
    assert bot["grounded"] is True
    assert "seven books" in bot["content"]
    assert bot["content"].endswith("The documents hold nothing on “what is the boiling point of tungsten?”.")
    assert bot["metadata"]["partial"] is True
    assert bot["metadata"]["missing"] == ["what is the boiling point of tungsten?"]
    assert not KnowledgeGap.objects.exists()


def test_a_question_that_is_answered_whole_is_not_called_partial(client: APIClient) -> None:
    bot = ask(client, "How many books may a reader borrow, and what does a late return cost?")
    assert bot["grounded"] is True
    assert "partial" not in bot["metadata"]


def test_search_and_answer_decide_alike(client: APIClient) -> None:
    for question in (UNKNOWN, NEAR, BOTH, "What does a late return cost?"):
        searched = client.get("/api/rag/search/", {"q": question}).json()
        assert searched["answerable"] is ask(client, question)["grounded"]
        assert searched["answerable"] is (searched["confidence"] >= 0.5)


@pytest.mark.usefixtures("library")
def test_a_refused_question_is_a_knowledge_gap(client: APIClient, editor_client: APIClient) -> None:
    ask(client, NEAR)
    ask(client, NEAR.lower().replace("?", " "))
    ask(editor_client, UNKNOWN)
    first, second = editor_client.get("/api/rag/gaps/").json()["results"]
    assert (first["question"], first["times"], second["times"]) == (NEAR, 2, 1)
    assert [document["title"] for document in first["nearest"]] == ["Opening hours"]
    assert first["collections"] == ["general"]
    assert first["first_asked"] < first["last_asked"]
    assert "ada" not in str(first).split()


def test_what_some_may_not_see_is_a_gap_of_theirs(client: APIClient, editor_client: APIClient) -> None:
    secret = Collection.objects.create(slug="secret", name="Secret", visibility=Visibility.ROLES, roles=[])
    submit(editor_client, "Concerts", "# Concerts\n\nThe town band plays in the hall.", collection=secret.slug)
    ask(client, UNKNOWN)
    ask(editor_client, UNKNOWN)
    gaps = editor_client.get("/api/rag/gaps/").json()["results"]
    assert sorted(gap["collections"] for gap in gaps) == [["general"], ["general", "secret"]]


def test_answers_and_searches_leave_no_gap(client: APIClient, editor_client: APIClient) -> None:
    ask(client, "What does a late return cost?")
    client.get("/api/rag/search/", {"q": UNKNOWN})
    editor_client.post("/api/documents/questions/", {"text": UNKNOWN, "must_refuse": True})
    editor_client.post("/api/rag/question-runs/")
    assert editor_client.get("/api/rag/gaps/").json()["count"] == 0


def test_gaps_are_for_editors(client: APIClient, anonymous: APIClient, editor_client: APIClient) -> None:
    ask(client, UNKNOWN)
    [gap] = editor_client.get("/api/rag/gaps/").json()["results"]
    assert (client.get("/api/rag/gaps/").status_code, anonymous.get("/api/rag/gaps/").status_code) == (403, 401)
    assert client.delete(f"/api/rag/gaps/{gap['id']}/").status_code == 403
    assert editor_client.delete(f"/api/rag/gaps/{gap['id']}/").status_code == 204
    assert editor_client.delete(f"/api/rag/gaps/{gap['id']}/").status_code == 404
    assert editor_client.get("/api/rag/gaps/").json()["count"] == 0
