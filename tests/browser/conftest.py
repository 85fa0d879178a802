"""The admin site in a real browser: Debian's Chromium, driven by Playwright, against a server in a thread."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import DEFAULT_DB_ALIAS, connections
from django.test import Client
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from pytest_django.live_server_helper import LiveServer

from users.models import User

CHROMIUM = Path("/usr/bin/chromium")
WIDE: ViewportSize = {"width": 1440, "height": 900}
NARROW: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser(django_db_setup: None) -> Iterator[Browser]:
    if not CHROMIUM.exists():
        if os.environ.get("REQUIRE_SERVICES"):
            pytest.fail(f"Chromium is required: there is no {CHROMIUM}.")
        pytest.skip(f"There is no {CHROMIUM}; `apt-get install chromium` brings it.")
    contents = vars(connections[DEFAULT_DB_ALIAS])["_test_serialized_contents"]
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright's loop runs in this thread, which Django takes for an asynchronous view.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        # It also gives the thread another connection, which must know as well what each test begins with.
        vars(connections[DEFAULT_DB_ALIAS])["_test_serialized_contents"] = contents
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def errors() -> list[str]:
    """What the pages complained about; empty at the end of each test."""
    return []


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, editor: User, errors: list[str]) -> Iterator[Page]:
    """A page of an editor who has logged in; its addresses begin at the admin site."""
    context = browser.new_context(base_url=f"{live_server.url}/admin/", viewport=WIDE)
    site = Client()
    site.force_login(editor)
    context.add_cookies([{"name": "sessionid", "value": site.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: _stays(request.url, live_server.url, errors))
    yield page
    context.close()
    assert errors == []


def _stays(address: str, server: str, errors: list[str]) -> None:
    if not address.startswith((server, "data:")):
        errors.append(f"A page asks for {address}")
