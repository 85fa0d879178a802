"""With a personal API key a program does what its owner may do, as far as its scopes reach, until it is revoked."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from tests.conftest import PASSWORD, client_of
from users.models import ApiKey, AuditEntry, Role, User
from users.services import account_create

KEYS = "/api/auth/keys/"
USAGE = "/api/chat/usage/"
SEARCH = "/api/rag/search/?q=hours"
Make = Callable[..., dict[str, Any]]


@pytest.fixture
def make(client: APIClient) -> Make:
    def made(*scopes: str, **fields: Any) -> dict[str, Any]:
        answer = client.post(KEYS, {"name": "Notebook", "scopes": scopes or ["chat"], **fields})
        assert answer.status_code == 201, answer.content
        body: dict[str, Any] = answer.json()
        return body

    return made


def with_key(key: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    return client


def test_it_is_shown_once_and_only_its_hash_is_kept(make: Make, client: APIClient) -> None:
    made = make("chat", "search")
    key = made.pop("key")
    assert key.startswith("gk_")
    assert key.startswith(made["prefix"])
    assert len(key) == 53
    assert client.get(KEYS).json()["results"] == [made]
    kept = ApiKey.objects.values().get()
    assert key not in str(kept)
    assert key[len(made["prefix"]) :] not in str(kept)


def test_it_opens_what_its_scopes_say_and_nothing_else(make: Make) -> None:
    chat, search = with_key(make("chat")["key"]), with_key(make("search")["key"])
    assert chat.get(USAGE).status_code == 200
    assert search.get(SEARCH).status_code == 200
    for program, path in ((chat, SEARCH), (search, USAGE), (chat, "/api/auth/me/"), (chat, KEYS)):
        refused = program.get(path)
        assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing"), path
    assert chat.post(KEYS, {"name": "Another", "scopes": ["search"]}).status_code == 403


def test_an_editor_s_key_does_no_editor_s_work(editor: User) -> None:
    key = client_of(editor).post(KEYS, {"name": "Bot", "scopes": ["chat", "search", "mcp"]}).json()["key"]
    assert with_key(key).post("/api/chat/quick-replies/", {"text": "When are you open?"}).status_code == 403
    assert with_key(key).get("/api/documents/").status_code == 403
    assert with_key(key).get(SEARCH).status_code == 200


def test_a_revoked_key_opens_nothing(make: Make, client: APIClient) -> None:
    made = make()
    assert client.delete(f"{KEYS}{made['id']}/").status_code == 204
    refused = with_key(made["key"]).get(USAGE)
    assert (refused.status_code, refused.json()["code"], refused["WWW-Authenticate"]) == (
        401,
        "invalid_api_key",
        "Bearer",
    )
    assert client.get(KEYS).json()["count"] == 0
    assert client.delete(f"{KEYS}{made['id']}/").status_code == 404


def test_an_expired_key_opens_nothing(make: Make) -> None:
    made = make(expires_at=timezone.now() + timedelta(days=1))
    assert with_key(made["key"]).get(USAGE).status_code == 200
    ApiKey.objects.update(expires_at=timezone.now())
    assert with_key(made["key"]).get(USAGE).json()["code"] == "invalid_api_key"


def test_the_key_of_an_account_that_is_not_active_opens_nothing(make: Make, user: User) -> None:
    key = make()["key"]
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert with_key(key).get(USAGE).status_code == 401


def test_a_mistyped_key_is_told_without_the_database(
    make: Make, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    key = make()["key"]
    for wrong in ("gk_", key[:-1], key[:20] + ("x" if key[20] != "x" else "y") + key[21:], key + "0"):
        with django_assert_num_queries(0):
            assert with_key(wrong).get(USAGE).json()["code"] == "invalid_api_key", wrong


def test_a_key_costs_one_query_and_its_use_is_noted_once_a_minute(
    make: Make, client: APIClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    program = with_key(make("search")["key"])
    with django_assert_num_queries(2):
        program.get("/api/rag/search/")
    used = client.get(KEYS).json()["results"][0]["last_used_at"]
    assert used is not None
    with django_assert_num_queries(1):
        program.get("/api/rag/search/")
    assert client.get(KEYS).json()["results"][0]["last_used_at"] == used


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"name": ""}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes.0"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
    ],
)
def test_what_cannot_be_a_key_is_refused(client: APIClient, fields: dict[str, Any], at_fault: str) -> None:
    answer = client.post(KEYS, {"name": "Notebook", "scopes": ["chat"], **fields})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [at_fault])


def test_somebody_else_s_key_is_not_there(make: Make, editor_client: APIClient) -> None:
    made = make()
    assert editor_client.delete(f"{KEYS}{made['id']}/").status_code == 404
    assert editor_client.get(KEYS).json()["count"] == 0
    assert with_key(made["key"]).get(USAGE).status_code == 200


def test_a_user_has_at_most_fifty(make: Make, client: APIClient, user: User) -> None:
    row: dict[str, Any] = {"user": user, "name": "Old", "digest": "", "scopes": ["chat"]}
    ApiKey.objects.bulk_create(ApiKey(prefix=str(number), **row) for number in range(50))
    refused = client.post(KEYS, {"name": "Notebook", "scopes": ["chat"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_api_keys")
    ApiKey.objects.filter(prefix="0").update(revoked_at=timezone.now())
    make()


def test_making_and_revoking_are_in_the_audit_trail(make: Make, client: APIClient, user: User) -> None:
    made = make()
    client.delete(f"{KEYS}{made['id']}/")
    told = list(AuditEntry.objects.values_list("action", "actor", "object_id"))
    assert told == [("api_key.revoke", user.pk, made["id"]), ("api_key.create", user.pk, made["id"])]
    assert made["key"] not in str(list(AuditEntry.objects.values()))


def test_an_admin_sees_and_revokes_the_keys_of_all(make: Make, user: User) -> None:
    made = make()
    account_create(username="root", email="root@example.org", password=PASSWORD, role=Role.ADMIN)
    site = Client()
    assert site.login(username="root", password=PASSWORD)
    page = site.get("/admin/users/apikey/").content.decode()
    assert made["prefix"] in page
    row = ApiKey.objects.get()
    assert row.digest not in site.get(f"/admin/users/apikey/{row.pk}/change/").content.decode()
    assert site.get("/admin/users/apikey/add/").status_code == 403
    site.post("/admin/users/apikey/", {"action": "revoke", "_selected_action": [str(row.pk)]})
    assert with_key(made["key"]).get(USAGE).status_code == 401
    assert AuditEntry.objects.filter(action="api_key.revoke", actor__username="root").exists()


def test_editors_do_not_see_keys(site: Client) -> None:
    assert site.get("/admin/users/apikey/").status_code == 403
