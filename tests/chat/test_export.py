"""A conversation can be downloaded: as JSON with all versions, as Markdown with citations as footnotes."""

import re

import pytest
from rest_framework.test import APIClient

from chat.models import Session
from tests.conftest import PASSWORD, client_of
from users.models import User


@pytest.fixture
def session(client: APIClient, library: None) -> str:
    first = client.post("/api/chat/messages/", {"content": "How many books may I borrow?"}).json()["user_message"]
    client.post(f"/api/chat/messages/{first['id']}/edit/", {"content": "How long does a loan last? <b>*now*</b>"})
    asked = {"content": "What does a late return cost?", "session_id": first["session_id"]}
    client.post("/api/chat/messages/", asked)
    identifier: str = first["session_id"]
    return identifier


def test_json_has_every_version(client: APIClient, session: str) -> None:
    answer = client.get(f"/api/chat/sessions/{session}/export/", {"format": "json"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer["Content-Disposition"] == 'attachment; filename="how-long-does-a-loan-last-bnowb.json"'
    body = answer.json()
    assert body["session"]["id"] == session
    every = client.get(f"/api/chat/sessions/{session}/messages/", {"all": True}).json()["results"]
    assert body["messages"] == every
    assert len(every) == 6
    assert client.get(f"/api/chat/sessions/{session}/export/").json() == body


def test_markdown_has_what_is_shown_with_footnotes(client: APIClient, session: str) -> None:
    answer = client.get(f"/api/chat/sessions/{session}/export/", {"format": "markdown"}, headers={"Accept": "text/*"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/markdown; charset=utf-8")
    assert 'filename="how-long-does-a-loan-last-bnowb.md"' in answer["Content-Disposition"]
    text = answer.content.decode()
    assert text.startswith("# How long does a loan last? \\<b\\>\\*now\\*\\</b\\>\n\n## Question, ")
    assert "> How long does a loan last?" in text
    assert "> What does a late return cost?" in text
    assert "How many books" not in text  # not shown
    used, told = re.findall(r"\[\^(\d+)\](?!:)", text), re.findall(r"^\[\^(\d+)\]: (.*)$", text, re.MULTILINE)
    assert used
    assert set(used) <= {number for number, _ in told}
    assert [int(number) for number, _ in told] == list(range(1, len(told) + 1))
    assert all(place.startswith("Loans") and "version 1" in place for _, place in told)
    assert not re.search(r"\[\d+\]", text)


def test_a_name_that_leaves_nothing_for_a_file_is_replaced(client: APIClient, user: User) -> None:
    made = Session.objects.create(user=user, title="../../??")
    answer = client.get(f"/api/chat/sessions/{made.pk}/export/", {"format": "markdown"})
    assert answer["Content-Disposition"] == f'attachment; filename="conversation-{made.pk}.md"'


def test_another_format_is_refused(client: APIClient, session: str) -> None:
    answer = client.get(f"/api/chat/sessions/{session}/export/", {"format": "pdf"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert "format" in answer.json()["errors"]


def test_somebody_else_s_conversation_is_not_found(session: str) -> None:
    eve = client_of(User.objects.create_user("eve", "eve@example.org", PASSWORD))
    for form in ("json", "markdown"):
        answer = eve.get(f"/api/chat/sessions/{session}/export/", {"format": form})
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
