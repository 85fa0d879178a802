"""A log-in by the provider is finished once."""

from tests.loopback.oidc import LoopbackOidc
from tests.users.sso.conftest import Browser, refusal
from users.models import LoginSession


def test_the_answer_opened_again_opens_nothing(provider: LoopbackOidc, browser: Browser) -> None:
    address = browser.away()
    assert browser.exchange(browser.back(address)).status_code == 200
    assert refusal(browser.exchange(browser.back(address))) == (403, "sso_state_invalid")


def test_nor_with_the_cookie_of_the_log_in_put_back(provider: LoopbackOidc, browser: Browser) -> None:
    address = browser.away()
    cookie = browser.cookies["grounded_sso"].value
    assert browser.exchange(browser.back(address)).status_code == 200
    browser.cookies["grounded_sso"] = cookie
    assert refusal(browser.exchange(browser.back(address))) == (403, "sso_refused")  # the provider's code is spent


def test_nor_where_the_provider_takes_a_code_twice(provider: LoopbackOidc, browser: Browser) -> None:
    provider.codes_last_for_ever = True
    address = browser.away()
    cookie = browser.cookies["grounded_sso"].value
    assert browser.exchange(browser.back(address)).status_code == 200
    browser.cookies["grounded_sso"] = cookie
    assert refusal(browser.exchange(browser.back(address))) == (403, "sso_state_invalid")
    assert LoginSession.objects.count() == 1
