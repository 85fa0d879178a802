"""Somebody logs in by the organisation's identity provider."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from tests.loopback.oidc import LoopbackOidc
from tests.users.sso.conftest import EXCHANGE, START, Browser, refusal
from users.models import LoginSession, SignOn, User


def test_a_first_log_in_makes_an_account_and_later_ones_open_it(provider: LoopbackOidc, browser: Browser) -> None:
    answer = browser.log_in()
    assert answer.status_code == 200
    assert set(answer.json()) == {"access", "refresh"}
    assert answer["Cache-Control"] == "no-store"
    me = browser.get("/api/auth/me/", HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}").json()
    assert (me["username"], me["email"], me["role"], me["is_verified"]) == ("ada", "ada@example.org", "user", True)
    account = User.objects.get()
    assert not account.has_usable_password()
    assert account.last_login
    provider.person = {"sub": "4711", "email": "countess@example.org", "preferred_username": "countess"}
    assert Browser().log_in().status_code == 200
    assert User.objects.get().username == "ada"  # who is known stays as they are


def test_the_provider_is_asked_with_pkce_state_and_nonce(provider: LoopbackOidc, browser: Browser) -> None:
    answer = browser.get(START)
    parts = urlsplit(answer["Location"])
    assert f"{parts.scheme}://{parts.netloc}" == provider.url
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == "http://testserver/api/auth/sso/callback/"
    assert asked["scope"].split() == ["openid", "email", "profile"]
    assert asked["response_type"] == "code"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert len(asked["state"]) == 43
    other = {name: values[0] for name, values in parse_qs(urlsplit(Browser().get(START)["Location"]).query).items()}
    assert other["state"] != asked["state"]


@pytest.mark.parametrize(("secure", "name"), [(False, "grounded_sso"), (True, "__Host-grounded_sso")])
def test_the_cookie_is_for_this_server_alone(provider: LoopbackOidc, browser: Browser, secure: bool, name: str) -> None:
    answer = browser.get(START, secure=secure)
    [cookie] = answer.cookies.values()
    assert (cookie.key, bool(cookie["secure"])) == (name, secure)
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Lax", "/", "")
    assert cookie["max-age"] == 600


def test_with_auth_cookies_the_refresh_token_is_in_its_cookie(
    provider: LoopbackOidc, browser: Browser, settings: Any
) -> None:
    settings.AUTH_COOKIES = True
    answer = browser.log_in()
    assert set(answer.json()) == {"access"}
    assert answer.cookies["grounded_refresh"]["httponly"]


def test_a_browser_s_device_is_in_the_list_of_log_ins(provider: LoopbackOidc, browser: Browser) -> None:
    code = browser.back(browser.away())
    browser.post(EXCHANGE, {"code": code}, HTTP_USER_AGENT="Firefox")
    assert LoginSession.objects.get().device == "Firefox"


def test_the_code_is_spent_by_one_exchange(provider: LoopbackOidc, browser: Browser) -> None:
    code = browser.back(browser.away())
    cookie = browser.cookies["grounded_sso"].value
    assert code not in str(SignOn.objects.values())
    assert browser.exchange(code).status_code == 200
    assert browser.cookies["grounded_sso"].value == ""
    browser.cookies["grounded_sso"] = cookie
    assert refusal(browser.exchange(code)) == (401, "sso_code_invalid")


def test_the_code_is_worth_nothing_in_another_browser(provider: LoopbackOidc, browser: Browser) -> None:
    code = browser.back(browser.away())
    other = Browser()
    assert refusal(other.exchange(code)) == (401, "sso_code_invalid")
    other.back(other.away())
    assert refusal(other.exchange(code)) == (401, "sso_code_invalid")
    assert browser.exchange(code).status_code == 200


def test_the_code_is_good_for_a_minute(provider: LoopbackOidc, browser: Browser) -> None:
    code = browser.back(browser.away())
    row = SignOn.objects.get()
    assert timedelta(seconds=55) < row.expires_at - timezone.now() < timedelta(seconds=61)
    SignOn.objects.update(expires_at=timezone.now())
    assert refusal(browser.exchange(code)) == (401, "sso_code_invalid")


def test_finished_log_ins_are_forgotten_in_the_end(provider: LoopbackOidc, browser: Browser) -> None:
    browser.log_in()
    SignOn.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    browser.log_in()
    assert SignOn.objects.count() == 1


@pytest.mark.parametrize("body", [{}, {"code": ""}, {"code": ["x"]}, {"code": "x" * 101}])
def test_an_exchange_without_a_proper_code_is_not_valid(provider: LoopbackOidc, browser: Browser, body: Any) -> None:
    assert refusal(browser.post(EXCHANGE, body)) == (400, "invalid")


def test_what_is_offered_is_told(provider: LoopbackOidc, browser: Browser, settings: Any) -> None:
    assert browser.get("/api/auth/sso/").json() == {"providers": [{"name": "Example Ltd", "start_url": START}]}
    assert 'data-sso="Example Ltd"' in browser.get("/").content.decode()
    settings.OIDC = {**settings.OIDC, "ISSUER": ""}
    assert browser.get("/api/auth/sso/").json() == {"providers": []}
    assert "data-sso" not in browser.get("/").content.decode()


def test_where_it_is_not_set_up_there_is_nothing(anonymous: APIClient) -> None:
    for answer in (anonymous.get(START), anonymous.get("/api/auth/sso/callback/"), anonymous.post(EXCHANGE)):
        assert refusal(answer) == (404, "not_found")
