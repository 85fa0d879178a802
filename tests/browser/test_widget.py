"""The chat on a page of another website, and what becomes of it when its visitor logs in."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from chat.models import Feedback, QuickReply, Session
from tests.browser.conftest import NARROW
from tests.browser.looking import looked_at
from tests.browser.test_web_chat import ANSWER, QUESTION, log_in
from tests.loopback.mistral import LoopbackMistral
from users.models import User

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("library"),
]
# A page that forbids all that the widget does not need, and whose styles would spoil whatever they reach.
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Shop</title><link rel="stylesheet" href="/page.css"><main><h1>Shop</h1><p>Everything for readers.</p></main>
<script src="{server}/api/chatbot/widget.js" data-title="Ask the library" data-theme="light" async></script></html>"""
STYLE = """body {{ font-family: serif; background: #fdf6e9 }}
button, p, ul {{ display: none !important; font-size: 60px }}
grounded-chat {{ --chat-accent: #7a3e9d; --chat-on-accent: #fff }}"""
POLICY = (
    "default-src 'none'; style-src 'self'; script-src {server}; connect-src {server}; "
    "require-trusted-types-for 'script'"
)


@pytest.fixture
def shop(port: int, settings: Settings) -> Iterator[str]:
    """The address of another website, which is allowed to have the widget."""
    server = f"http://127.0.0.1:{port}"

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            style = self.path == "/page.css"
            self.send_response(200)
            self.send_header("Content-Type", "text/css" if style else "text/html")
            self.send_header("Content-Security-Policy", POLICY.format(server=server))
            self.end_headers()
            self.wfile.write((STYLE if style else PAGE).format(server=server).encode())

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Site) as site:
        thread = threading.Thread(target=site.serve_forever, args=[0.05])
        thread.start()
        address = f"http://localhost:{site.server_port}"
        settings.CORS_ALLOWED_ORIGINS = [address]
        yield address
        site.shutdown()
        thread.join()


def test_a_visitor_asks_on_another_website_and_takes_the_conversation_along(
    visit: Callable[..., Page], shop: str, mistral: LoopbackMistral, user: User
) -> None:
    QuickReply.objects.create(text=QUESTION)
    page = visit(shop, also=shop)
    page.get_by_role("button", name="Ask the library").click()
    chat = page.get_by_role("dialog", name="Ask the library")
    expect(chat.get_by_role("heading", name="How can we help?")).to_be_visible()
    mistral.scripted.append(ANSWER)
    mistral.fail_next("drip", seconds=0.04)
    chat.get_by_role("button", name=QUESTION).click()
    answer = chat.locator(".message.bot")
    expect(answer).to_contain_text("A reader may")
    expect(answer).not_to_contain_text("Bring them back")
    expect(answer.locator(".body li")).to_contain_text("Bring them back")
    looked_at(page, "widget")
    answer.locator(".cite button").nth(1).click()
    expect(chat.locator("mark")).to_have_text("A loan lasts four weeks.")
    looked_at(page, "widget-passage")
    page.keyboard.press("Escape")
    expect(chat.locator("mark")).to_have_count(0)
    answer.get_by_role("button", name="Helpful", exact=True).click()
    expect(answer.get_by_role("button", name="Helpful", exact=True)).to_have_attribute("aria-pressed", "true")
    assert Feedback.objects.get().rating == "helpful"
    mistral.scripted.append("Seven books [1].")
    answer.get_by_role("button", name="Answer once more").click()
    expect(answer).to_contain_text("Seven books")
    chat.get_by_label("Your question").press("Escape")
    expect(chat).to_be_hidden()
    expect(page.get_by_role("button", name="Ask the library")).to_be_focused()

    page.set_viewport_size(NARROW)
    page.reload()
    page.get_by_role("button", name="Ask the library").press("Enter")
    expect(answer).to_contain_text("Seven books")
    mistral.scripted.append("Seven books [1]. " * 20)
    mistral.fail_next("drip", seconds=0.1)
    chat.get_by_label("Your question").fill("How many books may a reader borrow at a time?")
    page.keyboard.press("Enter")
    expect(answer.last).to_contain_text("Seven books")
    chat.get_by_role("button", name="Stop").click()
    expect(answer.last).to_contain_text("Stopped.")
    assert mistral.wait_for_streams(0)
    looked_at(page, "widget-phone")

    with page.expect_popup() as opened:
        chat.get_by_role("link", name="Keep in my account").click()
    account = opened.value
    log_in(account, user)
    expect(account.locator(".message.bot").first).to_contain_text("2 / 2")
    expect(account.get_by_role("link", name=QUESTION)).to_be_visible()
    assert Session.objects.get().user == user
    page.reload()
    page.get_by_role("button", name="Ask the library").click()
    expect(chat.get_by_role("heading", name="How can we help?")).to_be_visible()  # it is the account's now
