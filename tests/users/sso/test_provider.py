"""How the provider is asked, and what happens when it does not answer as it should."""

from typing import Any

import pytest
from django.core.checks import run_checks
from joserfc.jwk import RSAKey

from tests.loopback.oidc import LoopbackOidc
from tests.loopback.website import Website
from tests.users.sso.conftest import START, Browser, refusal
from users.models import User


def test_what_it_publishes_is_read_once(provider: LoopbackOidc) -> None:
    for _ in range(3):
        assert Browser().log_in().status_code == 200
    assert provider.asked("/.well-known/openid-configuration") == 1
    assert provider.asked("/keys") == 1


def test_when_it_changes_its_keys_they_are_read_again(provider: LoopbackOidc, browser: Browser) -> None:
    assert browser.log_in().status_code == 200
    provider.rotate()
    assert browser.log_in().status_code == 200
    provider.rotate(kid="second")  # another key by the same name
    assert browser.log_in().status_code == 200
    assert provider.asked("/keys") == 3


def test_a_token_of_a_key_that_it_does_not_publish_is_refused(provider: LoopbackOidc, browser: Browser) -> None:
    stranger = RSAKey.generate_key(2048, {"kid": "stranger"})
    published, signed = provider.signing_key, provider.signed

    def sign(claims: dict[str, Any]) -> str:
        provider.signing_key = stranger
        try:
            return signed(claims)
        finally:
            provider.signing_key = published

    provider.sign = sign
    assert refusal(browser.log_in()) == (403, "sso_token_invalid")
    assert provider.asked("/keys") == 2


def test_address_and_groups_may_be_told_by_userinfo_only(
    provider: LoopbackOidc, browser: Browser, settings: Any
) -> None:
    settings.OIDC = {**settings.OIDC, "ROLE_CLAIM": "groups", "ROLES": {"kb": "editor"}}
    provider.metadata = {"userinfo_endpoint": f"{provider.url}/userinfo"}
    provider.userinfo = {**provider.person, "groups": ["kb"]}
    provider.person = {"sub": "4711"}
    assert browser.log_in().status_code == 200
    account = User.objects.get()
    assert (account.email, account.is_verified, account.role) == ("ada@example.org", True, "editor")
    assert provider.requests[-1].headers["authorization"] == "Bearer opaque"


def test_userinfo_about_somebody_else_is_refused(provider: LoopbackOidc, browser: Browser) -> None:
    provider.metadata = {"userinfo_endpoint": f"{provider.url}/userinfo"}
    provider.userinfo = {**provider.person, "sub": "1"}
    provider.person = {"sub": "4711"}
    assert refusal(browser.log_in()) == (403, "sso_token_invalid")


def test_an_address_goes_with_the_word_of_the_same_source(
    provider: LoopbackOidc, browser: Browser, settings: Any
) -> None:
    settings.OIDC = {**settings.OIDC, "ROLE_CLAIM": "groups", "ROLES": {"kb": "editor"}}
    provider.metadata = {"userinfo_endpoint": f"{provider.url}/userinfo"}
    provider.userinfo = {"sub": "4711", "email": "mine@example.org", "email_verified": True}
    provider.person = {"sub": "4711", "email": "ada@example.org"}
    assert browser.log_in().status_code == 200
    account = User.objects.get()
    assert (account.email, account.is_verified) == ("ada@example.org", False)


METADATA: dict[str, dict[str, Any]] = {
    "another issuer": {"issuer": "https://accounts.example.org"},
    "no issuer": {"issuer": None},
    "log-in without TLS": {"authorization_endpoint": "http://accounts.example.org/authorize"},
    "log-in by another scheme": {"authorization_endpoint": "javascript:alert(1)"},
    "no log-in": {"authorization_endpoint": None},
}


@pytest.mark.parametrize("what", METADATA)
def test_a_provider_that_describes_itself_wrongly_is_not_used(
    provider: LoopbackOidc, browser: Browser, what: str
) -> None:
    provider.metadata = METADATA[what]
    answer = browser.get(START)
    assert answer["Location"] == "/#/sso/failed"
    assert refusal(browser.exchange("failed")) == (503, "sso_unavailable")


@pytest.mark.parametrize("endpoint", ["token_endpoint", "jwks_uri"])
@pytest.mark.parametrize("address", [None, "http://accounts.example.org/x", "file:///etc/passwd"])
def test_nor_are_addresses_that_are_not_on_https(
    provider: LoopbackOidc, browser: Browser, endpoint: str, address: str | None
) -> None:
    provider.metadata = {endpoint: address}
    assert refusal(browser.log_in()) == (503, "sso_unavailable")


@pytest.mark.parametrize("kind", ["error", "malformed", "cut"])
def test_a_provider_that_fails_is_said_to_be_out_of_reach(provider: LoopbackOidc, browser: Browser, kind: Any) -> None:
    provider.fail_next(kind)
    assert browser.get(START)["Location"] == "/#/sso/failed"
    assert refusal(browser.exchange("failed")) == (503, "sso_unavailable")
    address = browser.away()
    provider.fail_next(kind)
    assert refusal(browser.exchange(browser.back(address))) == (503, "sso_unavailable")
    address = browser.away()
    provider.sign = lambda claims: ""  # and a token endpoint that answers, without a token
    assert refusal(browser.exchange(browser.back(address))) == (403, "sso_token_invalid")


def test_one_that_is_gone_too(provider: LoopbackOidc, browser: Browser) -> None:
    provider.stop()
    assert browser.get(START)["Location"] == "/#/sso/failed"
    assert refusal(browser.exchange("failed")) == (503, "sso_unavailable")


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/token"])
def test_redirects_are_not_followed(provider: LoopbackOidc, browser: Browser, settings: Any, path: str) -> None:
    with Website() as elsewhere:
        elsewhere.redirect(path, f"{provider.url}{path}", 307)
        if path.startswith("/."):
            settings.OIDC = {**settings.OIDC, "ISSUER": elsewhere.url}
            provider.metadata = {"issuer": elsewhere.url}
            assert browser.get(START)["Location"] == "/#/sso/failed"
            answer = browser.exchange("failed")
        else:
            provider.metadata = {"jwks_uri" if path == "/keys" else "token_endpoint": f"{elsewhere.url}{path}"}
            answer = browser.log_in()
        assert refusal(answer) == (503, "sso_unavailable")
        assert not provider.asked(path) or path.startswith("/.") is False


CONFIGURED: dict[str, dict[str, Any]] = {
    "users.E010": {"ISSUER": "http://accounts.example.org"},
    "users.E011": {"CLIENT_ID": ""},
    "users.E012": {"SCOPES": "email"},
    "users.E013": {"ROLE_CLAIM": "groups"},
    "users.E014": {"ROLE_CLAIM": "groups", "ROLES": {"kb": "king"}},
}


@pytest.mark.parametrize("number", CONFIGURED)
def test_a_wrong_configuration_is_found_by_check(settings: Any, number: str) -> None:
    good = {**settings.OIDC, "ISSUER": "https://accounts.example.org", "CLIENT_ID": "grounded"}
    settings.OIDC = good
    assert not [found for found in run_checks() if found.id and found.id.startswith("users.E01")]
    settings.OIDC = good | CONFIGURED[number]
    assert [found.id for found in run_checks() if found.id and found.id.startswith("users.E01")] == [number]
