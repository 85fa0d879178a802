"""Before publishing: which real and golden questions would get other passages."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.knowledge import HOURS, LOANS, LONGER, hand_in, submit

CLOSING = "Until when is the library open?"
BORROWING = "How many books may a reader borrow?"


@pytest.fixture
def document(editor_client: APIClient) -> str:
    submit(editor_client, "Loans", LOANS)
    return f"/api/documents/{submit(editor_client, 'Opening hours', HOURS)['documents'][0]['id']}/"


def impact(editor: APIClient, document: str, number: int = 2, **query: Any) -> dict[str, Any]:
    answer = editor.get(f"{document}versions/{number}/impact/", query)
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def ask(client: APIClient, *questions: str) -> None:
    for question in questions:
        assert client.post("/api/chat/messages/", {"content": question}).status_code == 201


def test_real_questions_that_would_get_other_passages_are_shown_side_by_side(
    editor_client: APIClient, client: APIClient, document: str
) -> None:
    ask(client, CLOSING, BORROWING, CLOSING)
    hand_in(editor_client, document, LONGER, publish=False)
    found = impact(editor_client, document)
    assert found["asked"] == 2
    [effect] = [effect for effect in found["effects"] if effect["text"] == CLOSING]
    assert effect["kind"] == "recent"
    assert "six in the evening" in effect["before"][0]["text"]
    assert "eight in the evening" in effect["after"][0]["text"]


def test_an_older_version_can_be_previewed_before_the_rollback(
    editor_client: APIClient, client: APIClient, document: str
) -> None:
    ask(client, CLOSING)
    hand_in(editor_client, document, LONGER)
    [effect] = impact(editor_client, document, 1)["effects"]
    assert "six in the evening" in effect["after"][0]["text"]
    assert impact(editor_client, document, 2)["effects"] == []
    again = editor_client.get("/api/rag/search/", {"q": CLOSING, "drafts": "true"}).json()["results"][0]
    assert "eight in the evening" in again["text"]


def test_golden_questions_are_looked_at_too(editor_client: APIClient, document: str) -> None:
    golden = {"text": CLOSING, "documents": [document.split("/")[3]]}
    editor_client.post("/api/documents/questions/", golden)
    hand_in(editor_client, document, "# Opening hours\n\nAsk at the desk.", publish=False)
    [effect] = impact(editor_client, document)["effects"]
    assert (effect["kind"], effect["text"]) == ("golden", CLOSING)


def test_what_says_the_same_as_before_is_no_effect(editor_client: APIClient, client: APIClient, document: str) -> None:
    ask(client, BORROWING)
    hand_in(editor_client, document, f"{HOURS}\n\n# Parking\n\nPark your car behind the house.", publish=False)
    assert impact(editor_client, document) == {"asked": 1, "effects": []}


def test_as_many_recent_questions_as_wanted(editor_client: APIClient, client: APIClient, document: str) -> None:
    ask(client, CLOSING, BORROWING)
    hand_in(editor_client, document, LONGER, publish=False)
    assert impact(editor_client, document, recent=1)["asked"] == 1
    assert impact(editor_client, document, recent=0)["asked"] == 0
    assert editor_client.get(f"{document}versions/2/impact/", {"recent": 999}).status_code == 400


def test_a_version_that_is_not_indexed_has_no_impact_yet(editor_client: APIClient, document: str) -> None:
    editor_client.post(f"{document}versions/", {"content": LONGER})
    answer = editor_client.get(f"{document}versions/2/impact/")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_indexed")


def test_the_preview_is_for_editors(client: APIClient, document: str) -> None:
    assert client.get(f"{document}versions/1/impact/").status_code == 403
