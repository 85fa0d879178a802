"""A real browser, Debian's Chromium, driven by Playwright, against a server in a thread."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.chat.conftest import mistral, port
from users.models import User

__all__ = ["mistral", "port"]

CHROMIUM = Path("/usr/bin/chromium")
WIDE: ViewportSize = {"width": 1440, "height": 900}
NARROW: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture(scope="package")
def browser(django_db_setup: None) -> Iterator[Browser]:
    if not CHROMIUM.exists():
        if os.environ.get("REQUIRE_SERVICES"):
            pytest.fail(f"Chromium is required: there is no {CHROMIUM}.")
        pytest.skip(f"There is no {CHROMIUM}; `apt-get install chromium` brings it.")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright's loop runs in this thread, which Django takes for an asynchronous view.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
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
    page.on("request", lambda request: _stays(request.url, (live_server.url,), errors))
    yield page
    context.close()
    assert errors == []


def _stays(address: str, servers: tuple[str, ...], errors: list[str]) -> None:
    if not address.startswith((*servers, "data:", "blob:")):
        errors.append(f"A page asks for {address}")


@pytest.fixture
def visit(browser: Browser, port: int, errors: list[str]) -> Iterator[Callable[..., Page]]:
    """Opens pages of the web chat, each in a context of its own with the options given."""
    address = f"http://127.0.0.1:{port}"
    contexts = []

    def opened(path: str = "/", init: str = "", also: str = address, **options: Any) -> Page:
        context = browser.new_context(base_url=address, **{"viewport": WIDE, **options})
        contexts.append(context)
        context.set_default_timeout(10_000)
        if init:
            context.add_init_script(init)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: _complains(said, errors))
        page.on("request", lambda request: _stays(request.url, (address, also), errors))
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []


def _complains(said: ConsoleMessage, errors: list[str]) -> None:
    if said.type == "error" and "Failed to load resource" not in said.text:
        errors.append(said.text)
