"""With AUTH_COOKIES, refresh tokens are in cookies that no script can read."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.conftest import PASSWORD
from users.models import User

REFRESH = "/api/auth/refresh/"


@pytest.fixture(autouse=True)
def _cookies(settings: Any) -> None:
    settings.AUTH_COOKIES = True


@pytest.fixture
def browser(user: User) -> APIClient:
    """It has logged in and keeps its cookies; its page sends none of them back yet."""
    browser = APIClient()
    answer = browser.post("/api/auth/login/", {"username": "ada", "password": PASSWORD})
    assert set(answer.json()) == {"access"}
    assert answer["Cache-Control"] == "no-store"
    browser.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
    return browser


def proof(browser: APIClient) -> dict[str, Any]:
    """The header that a page of ours sends."""
    return {"HTTP_X_AUTH_CSRF": browser.cookies["grounded_csrf"].value}


def test_the_cookies_are_for_this_server_alone(browser: APIClient) -> None:
    token, proof = browser.cookies["grounded_refresh"], browser.cookies["grounded_csrf"]
    assert (token["path"], proof["path"]) == ("/api/auth/", "/")
    for cookie in (token, proof):
        assert cookie["secure"]
        assert cookie["samesite"] == "Strict"
        assert cookie["domain"] == ""
        assert cookie["max-age"] == 7 * 24 * 3600
    assert token["httponly"]
    assert not proof["httponly"]


@pytest.mark.parametrize("address", [REFRESH, "/api/auth/token/refresh/"])
def test_the_token_is_exchanged_from_cookie_to_cookie(browser: APIClient, address: str) -> None:
    old, csrf = browser.cookies["grounded_refresh"].value, proof(browser)
    answer = browser.post(address, **csrf)
    assert answer.status_code == 200
    assert set(answer.json()) == {"access"}
    assert browser.cookies["grounded_refresh"].value != old
    assert proof(browser) == csrf
    assert browser.get("/api/auth/me/", HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}").status_code == 200


@pytest.mark.parametrize("header", [{}, {"HTTP_X_AUTH_CSRF": ""}, {"HTTP_X_AUTH_CSRF": "ü"}])
def test_without_the_header_nothing_is_exchanged(browser: APIClient, header: dict[str, Any]) -> None:
    token = browser.cookies["grounded_refresh"].value
    answer = browser.post(REFRESH, **header)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert browser.cookies["grounded_refresh"].value == token
    assert browser.post(REFRESH, **proof(browser)).status_code == 200


def test_a_planted_cookie_does_not_pass_though_the_header_repeats_it(browser: APIClient) -> None:
    browser.cookies["grounded_csrf"] = "planted"
    assert browser.post(REFRESH, **proof(browser)).status_code == 403


def test_the_proof_of_another_session_does_not_pass(browser: APIClient) -> None:
    other = APIClient()
    other.post("/api/auth/login/", {"username": "ada", "password": PASSWORD})
    browser.cookies["grounded_csrf"] = other.cookies["grounded_csrf"].value
    assert browser.post(REFRESH, **proof(browser)).status_code == 403


@pytest.mark.parametrize("token", [None, "", "x.y.z"])
def test_without_a_good_cookie_one_has_to_log_in(browser: APIClient, token: str | None) -> None:
    csrf, good = proof(browser), browser.cookies.pop("grounded_refresh").value
    if token is not None:
        browser.cookies["grounded_refresh"] = token
    answer = browser.post(REFRESH, {"refresh": good}, **csrf)  # in the body it does not count
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")


def test_logging_out_ends_the_session_and_takes_the_cookies_away(browser: APIClient) -> None:
    csrf, token = proof(browser), browser.cookies["grounded_refresh"].value
    answer = browser.post("/api/auth/logout/")
    assert answer.status_code == 204
    for name, path in (("grounded_refresh", "/api/auth/"), ("grounded_csrf", "/")):
        gone = answer.cookies[name]
        assert (gone.value, gone["max-age"], gone["path"]) == ("", 0, path)
        assert gone["secure"]
    assert browser.get("/api/auth/me/").status_code == 401
    browser.cookies["grounded_refresh"] = token
    assert browser.post(REFRESH, **csrf).status_code == 401


def test_a_cookie_alone_logs_nobody_out(browser: APIClient) -> None:
    browser.credentials()
    assert browser.post("/api/auth/logout/", **proof(browser)).status_code == 401
    assert browser.post(REFRESH, **proof(browser)).status_code == 200


def test_without_cookies_in_the_settings_they_are_neither_set_nor_read(browser: APIClient, settings: Any) -> None:
    settings.AUTH_COOKIES = False
    assert browser.post(REFRESH, **proof(browser)).status_code == 400
    answer = APIClient().post("/api/auth/login/", {"username": "ada", "password": PASSWORD})
    assert set(answer.json()) == {"access", "refresh"}
    assert not answer.cookies
