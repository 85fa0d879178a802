"""From the registration to a forgotten password, by the links in the mails."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import looked_at
from tests.conftest import PASSWORD
from users.outbox import mail_deliver_next

pytestmark = pytest.mark.django_db(transaction=True)
NEW = "eleven grey owls at noon"
INSIDE = "What would you like to know?"


@pytest.fixture
def mailed(settings: Any, tmp_path: Path) -> Callable[[], str]:
    """The path that the link in the next mail leads to."""
    settings.REQUIRE_VERIFIED_EMAIL = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    read: set[Path] = set()

    def next_link() -> str:
        while mail_deliver_next(site="http://chat.example.org"):
            pass
        [file] = set((tmp_path / "mail").iterdir()) - read
        read.add(file)
        text = file.read_text().partition("text/html")[0]
        [link] = [line for line in text.splitlines() if "/#/" in line]
        return link.removeprefix("http://chat.example.org")

    return next_link


def log_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("User name or e-mail").fill(name)
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")


def test_from_the_registration_to_a_forgotten_password(visit: Callable[..., Page], mailed: Callable[[], str]) -> None:
    page = visit()
    page.get_by_role("button", name="Register").click()
    page.get_by_label("User name").fill("grace")
    page.get_by_label("E-mail").fill("grace@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("A mail is on its way to grace@example.org")
    expect(page.get_by_role("heading", name="Look into your mails")).to_be_focused()
    first = mailed()

    page.get_by_role("button", name="Back to the log-in").click()
    log_in(page, "grace@example.org", PASSWORD)
    expect(page.get_by_role("alert")).to_contain_text("First follow the link")
    looked_at(page, "not-verified")
    page.get_by_role("button", name="Send the mail again").click()
    expect(page.get_by_label("E-mail", exact=True)).to_be_focused()
    expect(page.get_by_label("E-mail", exact=True)).to_have_value("grace@example.org")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Look into your mails")).to_be_focused()
    second = mailed()

    page.goto(first)  # in a window that shows the page already
    expect(page.get_by_role("heading", name="Confirm your e-mail address")).to_be_focused()
    assert page.evaluate("location.hash") == "#/"
    page.get_by_role("button", name="Confirm the address").click()
    expect(page.get_by_role("alert")).to_contain_text("a newer one was mailed")
    page.goto(second)
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(page.get_by_role("heading", name="Confirm your e-mail address")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("It is that of grace now")
    page.get_by_role("button", name="Go on").click()
    log_in(page, "grace", PASSWORD)
    expect(page.get_by_role("heading", name=INSIDE)).to_be_visible()

    other = visit()
    other.get_by_role("button", name="Forgot the password?").click()
    other.get_by_label("E-mail", exact=True).fill("grace@example.org")
    other.keyboard.press("Enter")
    expect(other.get_by_role("status")).to_contain_text("If there is an account for grace@example.org")
    other.goto(mailed())
    other.get_by_label("New password").fill("short")
    other.keyboard.press("Enter")
    expect(other.get_by_role("alert")).to_contain_text("too short")
    looked_at(other, "reset")
    other.get_by_label("New password").fill(NEW)
    other.keyboard.press("Enter")
    expect(other.get_by_role("heading", name="The new password is set")).to_be_focused()
    other.get_by_role("button", name="Go on").click()
    log_in(other, "grace", NEW)
    expect(other.get_by_role("heading", name=INSIDE)).to_be_visible()
    page.reload()  # its session has ended
    expect(page.get_by_label("User name or e-mail")).to_be_visible()
