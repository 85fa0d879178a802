"""Whose account it is that somebody at the provider logs in to. Nobody gets at another's by being there first."""

import threading
from typing import Any

import pytest
from django.db import connection

from tests.conftest import PASSWORD
from tests.loopback.oidc import LoopbackOidc
from tests.users.sso.conftest import Browser, refusal
from users.models import AuditEntry, ExternalIdentity, User
from users.services import account_update, tokens_revoke_all


def whose(browser: Browser) -> str:
    answer = browser.log_in()
    assert answer.status_code == 200, answer.content
    name = browser.get("/api/auth/me/", HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}").json()["username"]
    return str(name)


@pytest.fixture
def verified(user: User) -> User:
    User.objects.update(is_verified=True)
    user.refresh_from_db()
    return user


def test_an_address_that_both_sides_have_proved_links(provider: LoopbackOidc, browser: Browser, verified: User) -> None:
    provider.person["email"] = "Ada@Example.org"
    assert whose(browser) == "ada"
    identity = ExternalIdentity.objects.get()
    assert (identity.user, identity.issuer, identity.subject) == (verified, provider.url, "4711")
    entry = AuditEntry.objects.get(action="external_identity.link")
    assert (entry.actor, entry.detail["issuer"]) == (verified, provider.url)
    verified.refresh_from_db()
    assert verified.check_password(PASSWORD)


def test_an_account_that_somebody_made_with_another_s_address_is_not_linked(
    provider: LoopbackOidc, browser: Browser, user: User
) -> None:
    assert not user.is_verified
    assert refusal(browser.log_in()) == (409, "sso_account_exists")
    assert not ExternalIdentity.objects.exists()


@pytest.mark.parametrize("told", [False, None, "false", 1, "yes"])
def test_an_address_that_the_provider_does_not_vouch_for_is_not_linked(
    provider: LoopbackOidc, browser: Browser, verified: User, told: Any
) -> None:
    provider.person["email_verified"] = told
    if told == 1:  # True, for Python; JSON's 1 is not
        told = provider.person["email_verified"] = 2
    assert refusal(browser.log_in()) == (409, "sso_account_exists")


def test_a_second_identity_at_the_provider_is_not_linked_to_one_account(
    provider: LoopbackOidc, browser: Browser
) -> None:
    assert whose(browser) == "ada"
    provider.person["sub"] = "4712"
    assert refusal(Browser().log_in()) == (409, "sso_account_exists")


def test_an_account_that_the_provider_made_is_lost_to_whoever_proves_its_address_by_a_new_password(
    provider: LoopbackOidc, browser: Browser
) -> None:
    """An attacker has an identity with the victim's address, which the provider has not checked."""
    provider.person["email_verified"] = False
    assert whose(browser) == "ada"
    victim = User.objects.get()
    assert not victim.is_verified
    victim.set_password(PASSWORD)  # as a reset by mail does
    victim.is_verified = True
    victim.save()
    tokens_revoke_all(user=victim)
    assert refusal(browser.log_in()) == (409, "sso_link_broken")


def test_so_is_one_whose_address_was_changed_to_another_s(provider: LoopbackOidc, browser: Browser) -> None:
    assert whose(browser) == "ada"
    account = account_update(user=User.objects.get(), email="victim@example.org")
    account.set_password(PASSWORD)
    account.is_verified = True
    account.save()
    assert refusal(browser.log_in()) == (409, "sso_link_broken")


def test_after_a_new_password_the_provider_may_vouch_for_the_address_again(
    provider: LoopbackOidc, browser: Browser, verified: User
) -> None:
    assert whose(browser) == "ada"
    verified.set_password("another horse battery staple")
    verified.save()
    assert whose(browser) == "ada"
    provider.person["email_verified"] = False
    assert whose(browser) == "ada"  # it has proved it since


@pytest.mark.django_db(transaction=True)
def test_of_several_first_log_ins_at_once_one_makes_the_account(provider: LoopbackOidc) -> None:
    statuses: list[int] = []

    def log_in() -> None:
        try:
            statuses.append(Browser().log_in().status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=log_in) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 4
    assert User.objects.count() == ExternalIdentity.objects.count() == 1


def test_an_address_without_proof_makes_an_account_that_is_not_verified(
    provider: LoopbackOidc, browser: Browser
) -> None:
    del provider.person["email_verified"]
    assert whose(browser) == "ada"
    assert not User.objects.get().is_verified
    assert whose(Browser()) == "ada"


@pytest.mark.parametrize("email", [None, "", "nobody", 7, "a b@example.org", "x" * 250 + "@example.org"])
def test_without_a_usable_address_there_is_no_account(provider: LoopbackOidc, browser: Browser, email: object) -> None:
    provider.person["email"] = email
    assert refusal(browser.log_in()) == (403, "sso_email_missing")
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"preferred_username": "countess"}, "countess"),
        ({"preferred_username": "Countess@Example.org"}, "Countess"),
        ({"preferred_username": "Ada Lovelace!"}, "Ada-Lovelace"),
        ({"preferred_username": "ａｄａ"}, "ada"),
        ({"preferred_username": "@@", "nickname": "al"}, "al"),
        ({"preferred_username": ["x"]}, "ada"),
        ({"preferred_username": "x" * 400}, "x" * 120),
        ({"email": "'@example.org"}, "user"),
    ],
)
def test_a_user_name_is_made_of_what_the_provider_tells(
    provider: LoopbackOidc, browser: Browser, claims: dict[str, Any], name: str
) -> None:
    provider.person |= claims
    assert whose(browser) == name


def test_a_user_name_that_is_taken_gets_an_ending(provider: LoopbackOidc, browser: Browser, user: User) -> None:
    provider.person |= {"email": "other@example.org", "preferred_username": "ADA"}
    name = whose(browser)
    assert name.startswith("ADA-")
    assert len(name) == 8


def test_an_account_that_is_not_active_stays_shut(provider: LoopbackOidc, browser: Browser) -> None:
    code = browser.back(browser.away())
    User.objects.update(is_active=False)
    assert refusal(browser.exchange(code)) == (403, "sso_account_inactive")
    assert refusal(browser.log_in()) == (403, "sso_account_inactive")


def test_an_account_of_the_provider_has_no_password_to_log_in_with(provider: LoopbackOidc, browser: Browser) -> None:
    assert whose(browser) == "ada"
    assert browser.post("/api/auth/login/", {"username": "ada", "password": "!"}).status_code == 401
