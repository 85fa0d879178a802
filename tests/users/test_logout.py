"""Logging out ends the session that the refresh token belongs to."""

from typing import Any

from rest_framework.test import APIClient

from tests.conftest import PASSWORD
from users.models import User

ADDRESS = "/api/auth/logout/"


def refresh_token(user: User) -> str:
    answer = APIClient().post("/api/auth/login/", {"username": user.username, "password": PASSWORD})
    token: str = answer.json()["refresh"]
    return token


def refresh(token: str) -> Any:
    return APIClient().post("/api/auth/refresh/", {"refresh": token})


def test_after_logging_out_the_token_is_spent(client: APIClient, user: User) -> None:
    token = refresh_token(user)
    answer = client.post(ADDRESS, {"refresh": token})
    assert answer.status_code == 204
    assert answer.content == b""
    assert refresh(token).status_code == 401


def test_after_logging_out_the_access_token_is_refused_too(user: User) -> None:
    client = APIClient()
    pair = client.post("/api/auth/login/", {"username": "ada", "password": PASSWORD}).json()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
    assert client.get("/api/auth/me/").status_code == 200
    assert client.post(ADDRESS, {"refresh": pair["refresh"]}).status_code == 204
    answer = client.get("/api/auth/me/")
    assert answer.status_code == 401
    assert answer.json()["code"] == "invalid_token"


def test_a_spent_token_logs_out_as_well(client: APIClient, user: User) -> None:
    spent = refresh_token(user)
    newest = refresh(spent).json()["refresh"]
    assert client.post(ADDRESS, {"refresh": spent}).status_code == 204
    assert refresh(newest).status_code == 401


def test_other_sessions_go_on(client: APIClient, user: User) -> None:
    here, there = refresh_token(user), refresh_token(user)
    client.post(ADDRESS, {"refresh": here})
    assert refresh(there).status_code == 200


def test_logging_out_twice_does_no_harm(client: APIClient, user: User) -> None:
    token = refresh_token(user)
    client.post(ADDRESS, {"refresh": token})
    assert client.post(ADDRESS, {"refresh": token}).status_code == 204


def test_nobody_logs_out_somebody_else(client: APIClient, editor: User) -> None:
    token = refresh_token(editor)
    answer = client.post(ADDRESS, {"refresh": token})
    assert answer.status_code == 401
    assert answer.json()["code"] == "invalid_token"
    assert refresh(token).status_code == 200


def test_a_text_that_is_no_token_is_refused(client: APIClient) -> None:
    answer = client.post(ADDRESS, {"refresh": "x.y.z"})
    assert answer.status_code == 401
    assert answer.json()["code"] == "invalid_token"


def test_a_body_without_a_token_is_not_valid(client: APIClient) -> None:
    assert client.post(ADDRESS, {}).status_code == 400


def test_only_who_is_logged_in_logs_out(anonymous: APIClient, user: User) -> None:
    token = refresh_token(user)
    answer = anonymous.post(ADDRESS, {"refresh": token})
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_authenticated"
    assert refresh(token).status_code == 200
