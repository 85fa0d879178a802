"""Collections say who may see their documents."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from documents.models import Collection
from documents.services import invitation_give, invitation_withdraw
from tests.knowledge import HOURS, submit
from users.models import User

STAFF = {"name": "Staff", "slug": "staff", "visibility": "roles", "roles": ["editor"]}


def test_a_collection_is_made_changed_and_deleted(editor_client: APIClient) -> None:
    assert editor_client.post("/api/documents/collections/", STAFF).status_code == 201
    changed = editor_client.patch("/api/documents/collections/staff/", {"name": "All staff", "visibility": "members"})
    assert (changed.json()["name"], changed.json()["visibility"]) == ("All staff", "members")
    assert [c["slug"] for c in editor_client.get("/api/documents/collections/").json()["results"]] == ["staff"]
    assert editor_client.delete("/api/documents/collections/staff/").status_code == 204
    assert editor_client.get("/api/documents/collections/staff/").status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"slug": "not a slug"}, "slug"),
        ({"visibility": "nobody"}, "visibility"),
        ({"roles": []}, "roles"),
        ({"roles": ["king"]}, "roles.0"),
        ({"name": ""}, "name"),
    ],
)
def test_what_is_wrong_is_named(editor_client: APIClient, change: dict[str, Any], field: str) -> None:
    answer = editor_client.post("/api/documents/collections/", STAFF | change)
    assert answer.status_code == 400
    assert field in answer.json()["errors"]


def test_a_slug_is_taken_once(editor_client: APIClient) -> None:
    editor_client.post("/api/documents/collections/", STAFF)
    assert "slug" in editor_client.post("/api/documents/collections/", STAFF).json()["errors"]


def test_a_collection_with_documents_is_not_deleted(editor_client: APIClient) -> None:
    editor_client.post("/api/documents/collections/", STAFF)
    submit(editor_client, "Hours", HOURS, collection="staff")
    answer = editor_client.delete("/api/documents/collections/staff/")
    assert (answer.status_code, answer.json()["code"]) == (409, "collection_not_empty")


def test_a_new_visibility_holds_from_the_next_question_on(editor_client: APIClient, client: APIClient) -> None:
    editor_client.post("/api/documents/collections/", STAFF)
    submit(editor_client, "Hours", HOURS, collection="staff")
    question = {"content": "When is the library open?"}
    assert client.post("/api/chat/messages/", question).json()["bot_message"]["grounded"] is False
    editor_client.patch("/api/documents/collections/staff/", {"visibility": "members"})
    assert client.post("/api/chat/messages/", question).json()["bot_message"]["grounded"] is True


def test_a_collection_of_certain_people_is_seen_by_who_is_invited_and_by_editors(
    user: User, editor_client: APIClient, client: APIClient
) -> None:
    """Whatever their role; from the next question on, and no longer once the invitation is withdrawn."""
    editor_client.post("/api/documents/collections/", {"name": "Course", "slug": "course", "visibility": "invited"})
    submit(editor_client, "Hours", HOURS, collection="course")
    collection = Collection.objects.get(slug="course")

    def grounded(asker: APIClient) -> bool:
        answer = asker.post("/api/chat/messages/", {"content": "When is the library open?"}).json()
        return bool(answer["bot_message"]["grounded"])

    assert (grounded(client), grounded(editor_client)) == (False, True)
    invitation_give(collection=collection, user=user)
    assert grounded(client)
    invitation_withdraw(collection=collection, user=user)
    assert not grounded(client)
