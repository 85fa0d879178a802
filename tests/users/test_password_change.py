"""Who knows the old password may set another."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.conftest import PASSWORD
from tests.mails import delivered, told
from users.models import AuditEntry, User

ADDRESS, LOGIN = "/api/auth/password/change/", "/api/auth/login/"
NEW = "eleven grey owls at noon"


def test_the_new_password_is_good_and_the_old_one_is_not(client: APIClient, anonymous: APIClient, user: User) -> None:
    answer = client.post(ADDRESS, {"old_password": PASSWORD, "new_password": NEW})
    assert (answer.status_code, answer.content) == (204, b"")
    assert anonymous.post(LOGIN, {"username": "ada", "password": PASSWORD}).status_code == 401
    assert anonymous.post(LOGIN, {"username": "ada", "password": NEW}).status_code == 200
    assert told(delivered()) == [("ada@example.org", "Your password was changed")]
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.detail) == (user, "password.change", {})


def test_every_session_ends(client: APIClient, anonymous: APIClient) -> None:
    pairs = [anonymous.post(LOGIN, {"username": "ada", "password": PASSWORD}).json() for _ in range(2)]
    client.post(ADDRESS, {"old_password": PASSWORD, "new_password": NEW})
    for pair in pairs:
        answer = anonymous.post("/api/auth/refresh/", {"refresh": pair["refresh"]})
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")


def test_without_the_old_password_nothing_changes(client: APIClient, anonymous: APIClient, user: User) -> None:
    body = {"old_password": "a wrong password", "new_password": NEW}
    assert anonymous.post(ADDRESS, body).status_code == 401
    answer = client.post(ADDRESS, body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["old_password"])
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert delivered() == []


@pytest.mark.parametrize("password", ["short1!", "password123", "83749283749", "ada@example.org", "", "a" * 257, None])
def test_a_weak_password_is_refused(client: APIClient, user: User, password: Any) -> None:
    answer = client.post(ADDRESS, {"old_password": PASSWORD, "new_password": password})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["new_password"])
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
