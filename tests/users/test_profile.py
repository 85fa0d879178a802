"""Users see and change their own profile."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from users.models import User

ADDRESS = "/api/auth/me/"


def test_the_profile_is_that_of_the_caller(client: APIClient, editor_client: APIClient, user: User) -> None:
    profile = client.get(ADDRESS).json()
    assert set(profile) == {"id", "username", "email", "role", "is_verified", "date_joined"}
    assert (profile["id"], profile["username"], profile["role"]) == (user.pk, "ada", "user")
    assert editor_client.get(ADDRESS).json()["role"] == "editor"


def test_without_a_token_there_is_no_profile(anonymous: APIClient) -> None:
    assert anonymous.get(ADDRESS).status_code == 401
    assert anonymous.patch(ADDRESS, {"username": "eve"}).status_code == 401


def test_name_and_address_can_be_changed(client: APIClient, user: User) -> None:
    answer = client.patch(ADDRESS, {"username": "countess", "email": "Ada@Lovelace.Example"})
    assert answer.status_code == 200
    assert answer.json()["username"] == "countess"
    assert answer.json()["email"] == "Ada@lovelace.example"
    user.refresh_from_db()
    assert user.username == "countess"


def test_what_is_not_sent_stays(client: APIClient) -> None:
    assert client.patch(ADDRESS, {"username": "countess"}).json()["email"] == "ada@example.org"
    assert client.patch(ADDRESS, {}).json()["username"] == "countess"


def test_the_case_of_ones_own_name_can_be_changed(client: APIClient) -> None:
    assert client.patch(ADDRESS, {"username": "Ada"}).json()["username"] == "Ada"


def test_a_new_address_has_yet_to_be_verified(client: APIClient) -> None:
    User.objects.update(is_verified=True)
    assert client.patch(ADDRESS, {"email": "ada@EXAMPLE.org"}).json()["is_verified"]
    assert not client.patch(ADDRESS, {"email": "ada@example.net"}).json()["is_verified"]


def test_nobody_changes_their_rights(client: APIClient, user: User) -> None:
    rights: dict[str, Any] = {"role": "admin", "is_verified": True, "is_staff": True, "is_superuser": True}
    before = client.get(ADDRESS).json()
    answer = client.patch(ADDRESS, rights | {"id": 1000, "date_joined": "2000-01-01T00:00:00Z", "password": "x"})
    assert answer.status_code == 200
    assert answer.json() == before
    user.refresh_from_db()
    assert not user.is_staff
    assert not user.is_superuser


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "EDDA"),
        ("username", "a@b"),
        ("username", ""),
        ("username", None),
        ("email", "Edda@Example.org"),
        ("email", "nowhere"),
        ("email", None),
    ],
)
def test_a_name_or_address_that_is_taken_or_none_is_refused(
    client: APIClient, editor: User, field: str, value: str | None
) -> None:
    before = client.get(ADDRESS).json()
    answer = client.patch(ADDRESS, {field: value})
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert list(answer.json()["errors"]) == [field]
    assert client.get(ADDRESS).json() == before
