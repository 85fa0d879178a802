"""The handbook's pages in a browser: wide and narrow, light and dark, with and without scripts."""

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.conftest import NARROW, WIDE
from tests.browser.looking import looked_at

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_can_be_read_by_everybody(
    browser: Browser, live_server: LiveServer, narrow: bool, scheme: str
) -> None:
    size = NARROW if narrow else WIDE
    context = browser.new_context(
        base_url=live_server.url,
        viewport=size,
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    for address, name in (("", "front"), ("guide/configure.html", "page"), ("search/?q=pinecone", "search")):
        page.goto(f"/handbook/{address}")
        looked_at(page, f"handbook-{name}-{'narrow' if narrow else 'wide'}-{scheme}")
    context.close()


def test_one_finds_ones_way_without_a_script(browser: Browser, live_server: LiveServer) -> None:
    context = browser.new_context(base_url=live_server.url, viewport=NARROW, java_script_enabled=False)
    page = context.new_page()
    page.goto("/handbook/")
    page.get_by_role("link", name="Contents").click()
    page.locator("summary", has_text="Run and operate").click()
    page.get_by_label("Contents").get_by_role("link", name="Troubleshooting").click()
    expect(page.get_by_role("heading", name="Troubleshooting", level=1)).to_be_visible()
    page.locator("summary", has_text="On this page").click()
    page.get_by_label("On this page, folded").get_by_role("link", name="The port is already in use").click()
    expect(page.get_by_role("heading", name="The port is already in use")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Light or dark")).to_be_hidden()
    context.close()


def test_the_theme_is_the_readers_and_is_kept(browser: Browser, live_server: LiveServer) -> None:
    context = browser.new_context(base_url=live_server.url, viewport=WIDE, color_scheme="light")
    page = context.new_page()
    page.goto("/handbook/")
    page.get_by_role("button", name="Light or dark").click()
    page.get_by_role("link", name="Configure Grounded").first.click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    context.close()
