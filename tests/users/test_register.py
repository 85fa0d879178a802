"""Anybody may make an account."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from tests.conftest import PASSWORD
from users.models import User

ADDRESS = "/api/auth/register/"
GRACE = {"username": "Grace", "email": "grace@example.org", "password": PASSWORD}


def test_the_new_account_is_described(anonymous: APIClient) -> None:
    answer = anonymous.post(ADDRESS, GRACE)
    assert answer.status_code == 201
    account = answer.json()
    joined = account.pop("date_joined")
    assert joined.endswith("Z")
    assert datetime.fromisoformat(joined)
    assert account == {
        "id": User.objects.get().pk,
        "username": "Grace",
        "email": "grace@example.org",
        "role": "user",
        "is_verified": False,
    }


def test_the_new_account_can_log_in(anonymous: APIClient) -> None:
    anonymous.post(ADDRESS, GRACE)
    answer = anonymous.post("/api/auth/login/", {"username": "Grace", "password": PASSWORD})
    assert answer.status_code == 200


def test_the_password_is_not_kept_as_it_is(anonymous: APIClient) -> None:
    anonymous.post(ADDRESS, GRACE)
    account = User.objects.get()
    assert PASSWORD not in account.password
    assert account.check_password(PASSWORD)


def test_spaces_around_a_password_belong_to_it(anonymous: APIClient) -> None:
    anonymous.post(ADDRESS, GRACE | {"password": f" {PASSWORD} "})
    assert User.objects.get().check_password(f" {PASSWORD} ")


def test_nobody_takes_a_role(anonymous: APIClient) -> None:
    answer = anonymous.post(ADDRESS, GRACE | {"role": "admin", "is_staff": True, "is_superuser": True, "id": 1000})
    assert answer.json()["role"] == "user"
    account = User.objects.get()
    assert not account.is_staff
    assert not account.is_superuser


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "ADA"),
        ("username", " ada "),
        ("username", "ａｄａ"),  # full-width letters
        ("email", "ada@example.org"),
        ("email", "Ada@EXAMPLE.org"),
    ],
)
def test_a_name_or_address_that_is_taken_in_any_case_is_refused(
    anonymous: APIClient, user: User, field: str, value: str
) -> None:
    answer = anonymous.post(ADDRESS, GRACE | {field: value})
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert list(answer.json()["errors"]) == [field]
    assert "already exists" in answer.json()["errors"][field][0]
    assert User.objects.count() == 1


@pytest.mark.parametrize("name", ["ada@example.org", "@ada", "a da", "ada/", "", "   ", "a" * 151, "ﷺ" * 100, None, []])
def test_a_name_that_is_none_is_refused(anonymous: APIClient, name: Any) -> None:
    answer = anonymous.post(ADDRESS, GRACE | {"username": name})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["username"]


@pytest.mark.parametrize("name", ["grace.hopper", "grace+1", "grace-h_9", "Zoë", "小明", "a" * 150])
def test_a_name_has_letters_of_any_script(anonymous: APIClient, name: str) -> None:
    answer = anonymous.post(ADDRESS, GRACE | {"username": name})
    assert answer.status_code == 201
    assert answer.json()["username"] == name


def test_an_address_is_kept_with_its_domain_in_small_letters(anonymous: APIClient) -> None:
    answer = anonymous.post(ADDRESS, GRACE | {"email": " Grace.Hopper@Example.ORG "})
    assert answer.json()["email"] == "Grace.Hopper@example.org"


@pytest.mark.parametrize("address", ["grace", "grace@", "@example.org", "grace@example", "", "a b@example.org", 7])
def test_an_address_that_is_none_is_refused(anonymous: APIClient, address: Any) -> None:
    answer = anonymous.post(ADDRESS, GRACE | {"email": address})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["email"]


@pytest.mark.parametrize("password", ["short1!", "password123", "83749283749", "grace@example.org", "", "a" * 257])
def test_a_weak_password_is_refused(anonymous: APIClient, password: str) -> None:
    answer = anonymous.post(ADDRESS, GRACE | {"password": password})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["password"]
    assert not User.objects.exists()


def test_all_that_is_wrong_is_told_at_once(anonymous: APIClient, user: User) -> None:
    answer = anonymous.post(ADDRESS, {"username": "a@b", "email": "ADA@example.org", "password": "1234"})
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"username", "email", "password"}
    assert "1234" not in answer.content.decode()


def test_a_stale_token_does_not_matter(anonymous: APIClient) -> None:
    assert anonymous.post(ADDRESS, GRACE, HTTP_AUTHORIZATION="Bearer stale").status_code == 201


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same", ["username", "email"])
def test_of_several_at_once_one_gets_the_name(same: str) -> None:
    start = Barrier(6)

    def register(number: int) -> Any:
        body = {"username": f"g{number}", "email": f"g{number}@example.org", "password": PASSWORD}
        body[same] = GRACE[same].upper() if number % 2 else GRACE[same]
        start.wait()
        try:
            return APIClient().post(ADDRESS, body)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(register, range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, *[400] * 5]
    assert all(list(answer.json()["errors"]) == [same] for answer in answers if answer.status_code == 400)
