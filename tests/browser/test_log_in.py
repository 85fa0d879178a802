"""What people do in the web chat to get in, when a password is not all."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from tests.browser.looking import looked_at
from tests.conftest import PASSWORD
from tests.loopback.oidc import LoopbackOidc
from tests.users.second_factor.conftest import App
from tests.users.sso.conftest import provider
from users.models import SecondFactor, User

__all__ = ["provider"]
pytestmark = pytest.mark.django_db(transaction=True)
INSIDE = "What would you like to know?"


def test_by_the_identity_provider_to_a_second_factor_and_back_in_with_it(
    visit: Callable[..., Page], provider: LoopbackOidc, editor: User, settings: Settings
) -> None:
    settings.REQUIRE_SECOND_FACTOR_ROLES = ["editor"]
    provider.person["email"] = editor.email
    page = visit(also=provider.url)
    looked_at(page, "log-in-by-provider")
    provider.lies = {"aud": "another-client"}
    page.get_by_role("link", name="Sign in with Example Ltd").click()
    expect(page.get_by_role("alert")).to_contain_text("answer is not valid")
    provider.lies = {}
    page.get_by_role("link", name="Sign in with Example Ltd").click()

    expect(page.get_by_role("heading", name="Set up a second factor")).to_be_visible()
    assert page.evaluate("location.hash") == "#/"
    assert page.get_by_alt_text("QR code").evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    looked_at(page, "second-factor")
    page.get_by_label("Code that the app shows").fill("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("This code is wrong")
    key = page.locator(".key").inner_text().replace(" ", "")
    app = App(f"otpauth://totp/Grounded:edda?algorithm=SHA1&digits=6&period=30&secret={key}")
    page.get_by_label("Code that the app shows").fill(app.code())
    page.keyboard.press("Enter")
    expect(page.locator(".recovery li")).to_have_count(10)
    looked_at(page, "recovery-codes")
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_role("heading", name=INSIDE)).to_be_visible()
    page.get_by_role("button", name="Log out").click()

    page.get_by_label("User name or e-mail").fill("edda")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    code = page.get_by_label("Code of your authenticator app")
    expect(code).to_be_focused()
    looked_at(page, "second-step")
    code.fill(app.next())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=INSIDE)).to_be_visible()
    page.get_by_role("button", name="Second factor").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("You have 10 recovery codes.")
    looked_at(page, "second-factor-dialog")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_label("Code of the app").fill(app.next())
    dialog.get_by_role("button", name="Do without it").click()
    expect(dialog).to_be_hidden()
    assert not SecondFactor.objects.exists()
