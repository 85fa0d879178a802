"""Everybody sees where they are logged in, and ends it; what changes an account ends all of it."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from tests.conftest import PASSWORD, client_of
from users import services
from users.models import LoginSession, Role, User

ADDRESS = "/api/auth/sessions/"


def log_in(device: str = "", **extra: Any) -> tuple[APIClient, str]:
    """A client that logged in, and its refresh token."""
    client = APIClient(HTTP_USER_AGENT=device, **extra)
    pair = client.post("/api/auth/login/", {"username": "ada", "password": PASSWORD}).json()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
    return client, pair["refresh"]


def is_in(client: APIClient) -> bool:
    return bool(client.get("/api/auth/me/").status_code == 200)


def refreshes(token: str) -> bool:
    return bool(APIClient().post("/api/auth/refresh/", {"refresh": token}).status_code == 200)


def test_the_list_says_which_device_from_where_and_when(user: User) -> None:
    log_in("Phone/1.0", REMOTE_ADDR="192.0.2.7")
    desk, token = log_in("Desk/2.0\x00" + "x" * 300, REMOTE_ADDR="2001:db8::1")
    found = desk.get(ADDRESS).json()
    assert found["count"] == 2
    here, there = found["results"]
    assert set(here) == {"id", "device", "address", "created_at", "last_used_at", "expires_at", "current"}
    assert (here["current"], there["current"]) == (True, False)
    assert here["device"].startswith("Desk/2.0x")
    assert (here["address"], there["device"], there["address"]) == ("2001:db8::", "Phone/1.0", "192.0.2.7")
    APIClient(REMOTE_ADDR="198.51.100.3").post("/api/auth/refresh/", {"refresh": token})
    used = desk.get(ADDRESS).json()["results"][0]
    assert used["address"] == "198.51.100.3"
    assert used["last_used_at"] > here["last_used_at"]
    assert used["created_at"] == here["created_at"]


def test_a_session_is_ended_from_elsewhere(user: User) -> None:
    (phone, token), (desk, _) = log_in(), log_in()
    [lost] = [one["id"] for one in desk.get(ADDRESS).json()["results"] if not one["current"]]
    assert desk.delete(f"{ADDRESS}{lost}/").status_code == 204
    assert not is_in(phone)
    assert not refreshes(token)
    assert is_in(desk)
    assert [one["current"] for one in desk.get(ADDRESS).json()["results"]] == [True]
    assert desk.delete(f"{ADDRESS}{lost}/").status_code == 404


def test_one_may_end_the_session_one_is_in(user: User) -> None:
    client, token = log_in()
    [session] = client.get(ADDRESS).json()["results"]
    assert client.delete(f"{ADDRESS}{session['id']}/").status_code == 204
    assert not is_in(client)
    assert not refreshes(token)


def test_somebody_elses_session_is_not_there(client: APIClient, editor: User) -> None:
    edda = client_of(editor)
    [session] = edda.get(ADDRESS).json()["results"]
    assert session["id"] not in str(client.get(ADDRESS).json())
    answer = client.delete(f"{ADDRESS}{session['id']}/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert is_in(edda)


def test_a_request_reads_session_and_user_by_one_query(
    user: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client, _ = log_in()
    with django_assert_num_queries(1):
        assert is_in(client)


def test_revoking_everything_ends_all_sessions_of_that_user_alone(user: User, editor_client: APIClient) -> None:
    sessions = [log_in(), log_in()]
    services.tokens_revoke_all(user=user)
    assert user.token_version == 2
    for client, token in sessions:
        assert not is_in(client)
        assert not refreshes(token)
    assert is_in(editor_client)
    assert is_in(log_in()[0])


def test_tokens_that_are_given_out_while_all_are_revoked_are_no_good(user: User) -> None:
    before = User.objects.get()  # as a log-in has read it
    services.tokens_revoke_all(user=user)
    late = services.tokens_issue(user=before)
    assert not is_in(APIClient(HTTP_AUTHORIZATION=f"Bearer {late.access}"))
    assert not refreshes(late.refresh)


@pytest.mark.parametrize("change", [{"role": Role.EDITOR}, {"is_active": False}])
def test_another_role_and_being_made_inactive_end_all_sessions(user: User, change: dict[str, Any]) -> None:
    client, token = log_in()
    for name, value in change.items():
        setattr(user, name, value)
    services.role_assign(user=user, role=user.role)
    assert not is_in(client)
    assert not refreshes(token)
    services.role_assign(user=user, role=user.role)
    assert User.objects.get().token_version == 2


def test_an_admin_ends_them_on_the_admin_site(user: User) -> None:
    client, token = log_in()
    services.account_create(username="root", email="root@example.org", password=PASSWORD, role=Role.ADMIN)
    site = Client()
    site.login(username="root", password=PASSWORD)
    page = f"/admin/users/user/{user.pk}/change/"
    form = {"username": "ada", "email": "ada@example.org", "role": "user"}
    assert site.post(page, {**form, "is_active": "on", "is_verified": "on"}).status_code == 302
    assert is_in(client)
    assert site.post(page, form).status_code == 302
    User.objects.filter(pk=user.pk).update(is_active=True)
    assert not is_in(client)
    assert not refreshes(token)


def test_sessions_are_forgotten_when_all_their_tokens_have_expired(user: User) -> None:
    kept, token = log_in()
    for days in (-8, -6):
        services.tokens_issue(user=user, at=timezone.now() + timedelta(days=days))
    told = StringIO()
    call_command("forget_expired_tokens", stdout=told)
    assert "Deleted 1 log-in" in told.getvalue()
    assert LoginSession.objects.count() == 2
    assert is_in(kept)
    assert refreshes(token)
