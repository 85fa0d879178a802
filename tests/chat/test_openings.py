"""Before the first question, some are offered: what editors have set, else golden and often asked ones."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from chat.models import Audience, QuickReply
from chat.suggesting import openings
from rag.questions import scope_of
from tests.conftest import PASSWORD, client_of
from users.models import Role
from users.services import account_create

QUICK_REPLIES = "/api/chat/quick-replies/"


def offered(client: APIClient) -> dict[str, Any]:
    answer = client.get("/api/chat/suggestions/")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def asked_by(number: int, content: str, role: Role = Role.USER) -> None:
    """So many users ask this, twice each."""
    for place in range(number):
        name = f"{role}{len(content)}-{place}"
        account = account_create(username=name, email=f"{name}@example.org", password=PASSWORD, role=role)
        for text in (content, f" {content.lower()}"):
            assert client_of(account).post("/api/chat/messages/", {"content": text}).status_code == 201


def test_editors_set_them(client: APIClient, editor_client: APIClient) -> None:
    made = editor_client.post(QUICK_REPLIES, {"text": "When are you open?", "position": 2})
    assert made.status_code == 201
    editor_client.post(QUICK_REPLIES, {"text": "How do I renew a loan?", "position": 1, "audience": "users"})
    editor_client.post(QUICK_REPLIES, {"text": "Where are you?", "audience": "visitors"})
    assert offered(client) == {"source": "editors", "suggestions": ["How do I renew a loan?", "When are you open?"]}
    found = openings(scope=scope_of("visitor"), audience=Audience.VISITORS)
    assert found.suggestions == ["Where are you?", "When are you open?"]
    address = f"{QUICK_REPLIES}{made.json()['id']}/"
    assert editor_client.patch(address, {"active": False}).json()["active"] is False
    assert offered(client)["suggestions"] == ["How do I renew a loan?"]
    assert editor_client.delete(address).status_code == 204
    assert editor_client.get(address).status_code == 404
    assert len(editor_client.get(QUICK_REPLIES).json()["results"]) == 2
    refused = editor_client.post(QUICK_REPLIES, {"text": "Where are you?", "audience": "visitors"})
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")


def test_users_do_not_set_them(client: APIClient) -> None:
    assert client.get(QUICK_REPLIES).status_code == 403
    assert client.post(QUICK_REPLIES, {"text": "Buy now!"}).status_code == 403
    assert client.delete(f"{QUICK_REPLIES}1/").status_code == 403


def test_editors_set_them_on_the_admin_site(client: APIClient, site: Client) -> None:
    site.post("/admin/chat/quickreply/add/", {"text": "Hours?", "audience": "everybody", "position": 0, "active": "on"})
    assert QuickReply.objects.get().text == "Hours?"
    assert offered(client)["suggestions"] == ["Hours?"]
    assert "Hours?" in site.get("/admin/chat/quickreply/").content.decode()


@pytest.mark.usefixtures("library")
def test_what_three_users_asked_and_two_did_not_is_offered(client: APIClient) -> None:
    asked_by(3, "How long does a loan last?")
    asked_by(2, "How many books may I borrow?")
    asked_by(3, "What is the boiling point of tungsten?")
    asked_by(3, "How do I renew a loan? Tell ada@example.org")
    assert offered(client) == {"source": "questions", "suggestions": ["How long does a loan last?"]}


@pytest.mark.usefixtures("library")
def test_nothing_is_offered_that_tells_of_documents_the_asker_may_not_see(
    client: APIClient, editor_client: APIClient
) -> None:
    asked_by(3, "How long does a loan last?", Role.EDITOR)
    loans = next(d for d in editor_client.get("/api/documents/").json()["results"] if d["title"] == "Loans")
    golden = {"text": "What does a late return cost?", "documents": [loans["id"]], "asked_by": "editor"}
    assert editor_client.post("/api/documents/questions/", golden).status_code == 201
    both = ["How long does a loan last?", "What does a late return cost?"]
    assert offered(client)["suggestions"] == both
    staff = {"name": "Staff", "slug": "staff", "visibility": "roles", "roles": ["editor"]}
    editor_client.post("/api/documents/collections/", staff)
    editor_client.patch(f"/api/documents/{loans['id']}/", {"collection": "staff"})
    assert offered(client)["suggestions"] == []
    assert offered(editor_client)["suggestions"] == both
