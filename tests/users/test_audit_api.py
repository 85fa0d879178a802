"""Admins read who did what to which object, from where, and what it was before and after."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from tests.conftest import PASSWORD, client_of
from tests.knowledge import HOURS, submit
from users.models import Role, User
from users.services import account_create, role_assign

ADDRESS = "/api/audit/"
COLLECTIONS = "/api/documents/collections/"


@pytest.fixture(autouse=True)
def _by_words_alone(settings: Settings) -> None:
    settings.RAG = {**settings.RAG, "EMBEDDER": None}


@pytest.fixture
def root() -> User:
    return account_create(username="root", email="root@example.org", password=PASSWORD, role=Role.ADMIN)


@pytest.fixture
def reader(root: User) -> APIClient:
    return client_of(root)


def told(reader: APIClient, **asked: Any) -> list[dict[str, Any]]:
    answer = reader.get(ADDRESS, asked)
    assert answer.status_code == 200, answer.content
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def test_a_change_of_visibility_is_told_whole(reader: APIClient, editor: User, editor_client: APIClient) -> None:
    editor_client.post(COLLECTIONS, {"name": "Staff", "slug": "staff", "visibility": "members"})
    editor_client.patch(
        f"{COLLECTIONS}staff/",
        {"visibility": "public", "name": "Staff"},
        headers={"X-Request-ID": "request-of-edda"},
        REMOTE_ADDR="203.0.113.9",
    )
    changed, made = told(reader, object_type="collection")
    assert changed["actor"] == {"id": editor.pk, "username": "edda"}
    assert (changed["action"], changed["before"], changed["after"]) == (
        "collection.update",
        {"visibility": "members"},
        {"visibility": "public"},
    )
    assert (changed["address"], changed["request_id"]) == ("203.0.113.9", "request-of-edda")
    assert (made["action"], made["before"], made["after"]["slug"]) == ("collection.create", None, "staff")
    assert changed["object_id"] == made["object_id"]
    editor_client.patch(f"{COLLECTIONS}staff/", {"visibility": "public"})
    assert len(told(reader, object_type="collection")) == 2  # nothing was changed
    editor_client.delete(f"{COLLECTIONS}staff/")
    assert told(reader, action="collection.delete")[0]["before"]["visibility"] == "public"


def test_it_is_filtered(reader: APIClient, editor: User, editor_client: APIClient, root: User) -> None:
    editor_client.post(COLLECTIONS, {"name": "Staff", "slug": "staff"})
    editor_client.post("/api/auth/keys/", {"name": "Notebook", "scopes": ["chat"]})
    every = [entry["action"] for entry in told(reader)]
    assert every[:2] == ["api_key.create", "collection.create"]
    assert set(every[2:]) == {"account.create"}
    for asked, actions in (
        ({"actor": "edda"}, every[:2]),
        ({"actor": editor.pk}, every[:2]),
        ({"actor": "9" * 30}, []),
        ({"action": "account"}, ["account.create"] * 2),
        ({"action": "acc"}, []),
        ({"object_type": "account", "object_id": root.pk}, ["account.create"]),
        ({"since": told(reader)[0]["at"]}, every[:1]),
        ({"until": told(reader)[0]["at"]}, every[1:]),
    ):
        assert [entry["action"] for entry in told(reader, **asked)] == actions, asked
    assert reader.get(ADDRESS, {"page_size": 1, "page": 2}).json()["results"][0]["action"] == "collection.create"


@pytest.mark.parametrize("asked", [{"since": "yesterday"}, {"action": "x" * 65}, {"actor": "a\0b"}])
def test_what_cannot_be_meant_is_refused(reader: APIClient, asked: dict[str, str]) -> None:
    answer = reader.get(ADDRESS, asked)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, list(asked))


def test_it_is_for_admins_and_to_be_read_only(reader: APIClient, editor_client: APIClient, client: APIClient) -> None:
    assert [one.get(ADDRESS).status_code for one in (editor_client, client, APIClient())] == [403, 403, 401]
    for method in (reader.post, reader.put, reader.patch, reader.delete):
        assert method(ADDRESS, {}).status_code == 405


def test_accounts_and_their_rights_are_on_record(reader: APIClient, anonymous: APIClient, root: User) -> None:
    anonymous.post("/api/auth/register/", {"username": "ada", "email": "ada@example.org", "password": PASSWORD})
    ada = User.objects.get(username="ada")
    role_assign(user=ada, role=Role.EDITOR, actor=root)
    ada.is_active = False
    site = Client()
    site.login(username="root", password=PASSWORD)
    form = {"username": "ada", "email": "ada@example.org", "role": "editor", "is_active": ""}
    assert site.post(f"/admin/users/user/{ada.pk}/change/", form).status_code == 302
    page = f"/admin/users/user/{ada.pk}/password/"
    assert site.post(page, {"usable_password": "true", "password1": f"{PASSWORD}!", "password2": f"{PASSWORD}!"})
    password, inactive, role, made = told(reader, object_id=ada.pk)
    assert (password["action"], password["before"]) == ("account.password", None)
    assert (inactive["actor"]["username"], inactive["after"]) == ("root", {"is_active": False})
    assert (role["before"], role["after"]) == ({"role": "user"}, {"role": "editor"})
    assert (made["action"], made["actor"]["username"]) == ("account.create", "ada")


def test_what_editors_set_is_on_record(reader: APIClient, editor_client: APIClient, site: Client) -> None:
    submit(editor_client, "Hours", HOURS)
    document = editor_client.get("/api/documents/").json()["results"][0]["id"]
    reply = editor_client.post("/api/chat/quick-replies/", {"text": "When are you open?"}).json()["id"]
    editor_client.patch(f"/api/chat/quick-replies/{reply}/", {"active": False})
    site.post(f"/admin/chat/quickreply/{reply}/change/", {"text": "Open?", "audience": "users", "position": 1})
    editor_client.delete(f"/api/chat/quick-replies/{reply}/")
    site.post("/admin/documents/category/add/", {"name": "Tickets"})
    question = {"text": "When does it open?", "documents": [document]}
    key = editor_client.post("/api/documents/questions/", question).json()["id"]
    editor_client.delete(f"/api/documents/questions/{key}/")
    editor_client.patch(f"/api/documents/{document}/", {"category": "FAQ"})
    editor_client.delete(f"/api/documents/{document}/")
    entries = told(reader, actor="edda")[::-1]
    assert [entry["action"] for entry in entries] == [
        "quick_reply.create",
        "quick_reply.update",
        "quick_reply.update",
        "quick_reply.delete",
        "category.create",
        "question.create",
        "question.delete",
        "document.update",
        "document.delete",
    ]
    assert entries[1]["after"] == {"active": False}
    assert entries[2]["after"] == {"text": "Open?", "audience": "users", "position": 1}
    assert entries[7]["after"] == {"category__name": "FAQ"}
