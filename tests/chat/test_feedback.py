"""Users say whether an answer helped, and editors read it."""

import re
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from chat.models import Feedback


@pytest.fixture
def exchange(client: APIClient, library: None) -> dict[str, Any]:
    found: dict[str, Any] = client.post("/api/chat/messages/", {"content": "How long does a loan last?"}).json()
    return found


def test_it_is_kept_changed_and_taken_back(client: APIClient, exchange: dict[str, Any]) -> None:
    answer = exchange["bot_message"]
    assert answer["feedback"] is None
    address = f"/api/chat/messages/{answer['id']}/feedback/"
    said = client.post(address, {"feedback": "not_helpful", "comment": "Too short."})
    assert (said.status_code, said.json()["feedback"]) == (200, "not_helpful")
    assert client.get(f"/api/chat/messages/{answer['id']}/").json()["feedback"] == "not_helpful"
    kept = Feedback.objects.get()
    assert (kept.comment, kept.at is not None) == ("Too short.", True)
    assert client.post(address, {"feedback": "helpful"}).json()["feedback"] == "helpful"
    assert Feedback.objects.get().comment == ""
    assert client.post(address, {"feedback": None}).json()["feedback"] is None
    assert not Feedback.objects.exists()


@pytest.mark.parametrize("body", [{}, {"feedback": "great"}, {"feedback": "helpful", "comment": "x" * 2001}])
def test_anything_else_is_refused(client: APIClient, exchange: dict[str, Any], body: dict[str, str]) -> None:
    answer = client.post(f"/api/chat/messages/{exchange['bot_message']['id']}/feedback/", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_a_question_has_none(client: APIClient, exchange: dict[str, Any]) -> None:
    answer = client.post(f"/api/chat/messages/{exchange['user_message']['id']}/feedback/", {"feedback": "helpful"})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_an_answer")


def test_editors_read_it_on_the_admin_site_without_the_name(
    client: APIClient, site: Client, exchange: dict[str, Any]
) -> None:
    answer = exchange["bot_message"]
    comment = {"feedback": "not_helpful", "comment": "<b>Too</b> short."}
    client.post(f"/api/chat/messages/{answer['id']}/feedback/", comment)
    page = site.get("/admin/chat/feedback/?rating=not_helpful").content.decode()
    assert "How long does a loan last?" in page
    assert "&lt;b&gt;Too&lt;/b&gt; short." in page
    page = site.get(f"/admin/chat/feedback/{answer['id']}/change/").content.decode()
    assert "four weeks" in page
    assert not re.search(r"\bada\b", page)  # whose it is
    assert f"/admin/chat/message/{answer['id']}/replay/" in page
    assert site.post(f"/admin/chat/feedback/{answer['id']}/delete/", {"post": "yes"}).status_code == 403
