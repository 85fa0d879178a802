"""The admin site's log-in asks for the second factor, too, and lets people in by the provider."""

from typing import Any

import pytest
from django.test import Client

from tests.conftest import PASSWORD
from tests.loopback.oidc import LoopbackOidc
from tests.users.second_factor.conftest import App
from tests.users.sso.conftest import Browser, provider, provider_visit
from users.models import Role, SecondFactor, User
from users.services import role_assign

__all__ = ["provider"]
LOGIN, CODE = "/admin/login/?next=/admin/upload/", "/admin/second-factor/"
EDDA = {"username": "edda", "password": PASSWORD}


def is_inside(client: Client) -> bool:
    return client.get("/admin/upload/").status_code == 200


def test_without_a_second_factor_the_password_is_enough(editor: User) -> None:
    client = Client()
    answer = client.post(LOGIN, {**EDDA, "next": "/admin/upload/"})
    assert answer["Location"] == "/admin/upload/"
    assert is_inside(client)


def test_with_one_a_code_follows(editor: User, app: App) -> None:
    client = Client()
    assert client.post(LOGIN, EDDA)["Location"] == CODE
    assert not is_inside(client)
    page = client.get(CODE)
    assert b'autocomplete="one-time-code"' in page.content
    wrong = client.post(CODE, {"code": "000000"})
    assert "This code is wrong" in wrong.content.decode()
    assert not is_inside(client)
    assert client.post(CODE, {"code": app.code()})["Location"] == "/admin/upload/"
    assert is_inside(client)
    assert client.get(CODE)["Location"] == "/admin/login/"


def test_a_wrong_password_leads_to_no_code(editor: User, app: App) -> None:
    client = Client()
    answer = client.post(LOGIN, {**EDDA, "password": "wrong"})
    assert answer.status_code == 200
    assert client.get(CODE)["Location"] == "/admin/login/"


def test_after_five_wrong_codes_one_waits(editor: User, app: App) -> None:
    client = Client()
    client.post(LOGIN, EDDA)
    for _ in range(5):
        client.post(CODE, {"code": "000000"})
    assert "Too many wrong codes" in client.post(CODE, {"code": app.code()}).content.decode()
    assert not is_inside(client)


def test_it_leads_to_no_other_host_afterwards(editor: User, app: App) -> None:
    client = Client()
    client.post("/admin/login/?next=https://evil.example.org/", EDDA)
    assert client.post(CODE, {"code": app.code()})["Location"] == "/admin/"


def test_where_the_role_needs_one_and_has_none_the_site_stays_shut(editor: User, settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR_ROLES = ["editor"]
    client = Client()
    answer = client.post(LOGIN, EDDA)
    assert "Your role needs a second factor" in answer.content.decode()
    assert not is_inside(client)


def test_users_are_told_nothing_of_second_factors(user: User) -> None:
    answer = Client().post(LOGIN, {"username": "ada", "password": PASSWORD})
    assert "staff account" in answer.content.decode()


def by_provider(browser: Browser) -> Any:
    answer = browser.get("/api/auth/sso/start/?next=admin")
    return browser.get(provider_visit(answer["Location"]).removeprefix("http://testserver"))


def test_the_provider_lets_editors_in(provider: LoopbackOidc, browser: Browser) -> None:
    page = browser.get("/admin/login/").content.decode()
    assert "Sign in with Example Ltd" in page
    assert 'href="/api/auth/sso/start/?next=admin"' in page
    assert by_provider(browser)["Location"] == "/admin/login/"
    assert "not one of an editor" in browser.get("/admin/login/").content.decode()
    role_assign(user=User.objects.get(), role=Role.EDITOR)
    assert by_provider(browser)["Location"] == "/admin/"
    assert is_inside(browser)


def test_a_failure_at_the_provider_is_told(provider: LoopbackOidc, browser: Browser) -> None:
    provider.lies = {"aud": "another-client"}
    assert by_provider(browser)["Location"] == "/admin/login/"
    assert "answer is not valid" in browser.get("/admin/login/").content.decode()


@pytest.fixture
def browser() -> Browser:
    return Browser()


def test_the_second_factor_is_asked_for_unless_the_provider_is_trusted_with_it(
    provider: LoopbackOidc, browser: Browser, editor: User, app: App, settings: Any
) -> None:
    provider.person["email"] = editor.email
    assert by_provider(browser)["Location"] == CODE
    assert not is_inside(browser)
    assert browser.post(CODE, {"code": app.code()}, format="multipart")["Location"] == "/admin/"
    assert is_inside(browser)
    settings.OIDC = {**settings.OIDC, "TRUST_SECOND_FACTOR": True}
    assert by_provider(Browser())["Location"] == "/admin/"


def test_the_role_s_need_holds_for_the_provider_s_people(
    provider: LoopbackOidc, browser: Browser, editor: User, settings: Any
) -> None:
    settings.REQUIRE_SECOND_FACTOR_ROLES = ["editor"]
    provider.person["email"] = editor.email
    assert by_provider(browser)["Location"] == "/admin/login/"
    assert not is_inside(browser)
    assert not SecondFactor.objects.exists()
