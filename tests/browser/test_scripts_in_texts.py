"""Whatever is written in a question, an answer, a document or a name is shown and never run.

The browser is told to ignore the page's policy: what is shown here is that the pages need none.
"""

from collections.abc import Callable
from itertools import cycle

import pytest
from playwright.sync_api import Page, expect
from rest_framework.test import APIClient

from chat.models import Citation, Message, QuickReply, Session
from tests.browser.payloads import ADDRESSES, PAYLOADS
from tests.browser.test_web_chat import ask, converse, log_in
from tests.knowledge import submit
from tests.loopback.mistral import LoopbackMistral
from users.models import User

pytestmark = pytest.mark.django_db(transaction=True)
COUNTS = (
    "window.hits = 0; for (const name of ['xss', 'alert', 'prompt', 'confirm']) window[name] = () => { hits += 1 };"
)
# Handlers wait for something to happen; whatever became of a text, it is here.
PROVOKED = """() => {
  const found = [];
  for (const each of document.querySelectorAll("*")) {
    for (const name of ["load", "error", "mouseover", "pointerenter", "focus", "blur", "toggle", "animationstart"])
      each.dispatchEvent(new Event(name));
    for (const {name, value} of each.attributes)
      if (name.startsWith("on") || /^(href|src|action)/.test(name) && !/^(https:|\\/|#)/.test(value))
        found.push(each.outerHTML.slice(0, 200));
    if (each.matches("#app :is(script, iframe, object, embed, img, video, audio, style, link, meta, base, math)"))
      found.push(each.outerHTML.slice(0, 200));
  }
  return found;
}"""
EVERY_SOURCE = """() => {
  const found = [];
  for (const source of document.querySelectorAll(".source")) {
    source.click();
    const dialog = document.querySelector("dialog");
    for (const link of dialog.querySelectorAll("a")) found.push(link.href);
    if (dialog.querySelector(":not(div, span, h2, p, a, mark, button, svg, path)")) found.push(dialog.outerHTML);
    dialog.close();
    dialog.remove();
  }
  return found;
}"""
# As it grows: after each character there is another Markdown text.
GROWING = """async (texts) => {
  const {showMarkdown} = await import("/static/chat/core/markdown.js");
  const body = document.createElement("div");
  document.querySelector("#app").append(body);
  for (const text of texts)
    for (let end = 1; end <= text.length; end++) showMarkdown(body, text.slice(0, end), () => null);
}"""


def nothing_ran(page: Page) -> None:
    assert page.evaluate(PROVOKED) == []
    assert page.evaluate("hits") == 0


def test_stored_texts(visit: Callable[..., Page], user: User) -> None:
    assert len(PAYLOADS) >= 60
    User.objects.filter(pk=user.pk).update(username=PAYLOADS[0])
    for text in PAYLOADS[10:16]:
        QuickReply.objects.create(text=text)
    session = converse(user, PAYLOADS[11], *((text, f"{text} [1]\n\n{text}") for text in PAYLOADS))
    for citation, text, address in zip(
        Citation.objects.filter(message__session=session), PAYLOADS, cycle(ADDRESSES), strict=False
    ):
        citation.title = citation.heading = citation.text = text
        citation.source_uri = address
        citation.save()
    Message.objects.filter(sender_type="bot").update(suggestions=PAYLOADS[-3:])
    Session.objects.bulk_create(Session(user=user, title=text) for text in PAYLOADS[:29])
    page = visit(f"/#/c/{session.pk}", init=COUNTS, bypass_csp=True)
    page.get_by_label("User name or e-mail").fill(user.email)
    log_in(page, User(username=user.email))
    expect(page.locator(".message")).to_have_count(2 * len(PAYLOADS))
    expect(page.locator(".message.user .body")).to_have_text(PAYLOADS)
    expect(page.locator(".source-title")).to_have_text(PAYLOADS)
    expect(page.locator(".sessions a")).to_have_count(30)
    assert all(address.startswith("https://example.org/") for address in page.evaluate(EVERY_SOURCE))
    page.evaluate(GROWING, PAYLOADS)
    nothing_ran(page)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".opening")).to_have_text(PAYLOADS[10:16])
    nothing_ran(page)


def test_texts_that_come_while_an_answer_is_written(
    visit: Callable[..., Page], user: User, editor_client: APIClient, mistral: LoopbackMistral
) -> None:
    said = "\n\n".join(PAYLOADS[11:20])
    submit(
        editor_client, f"Loans {PAYLOADS[0]}", f"A reader may borrow seven books.\n\n{said}", source_uri=ADDRESSES[0]
    )
    page = visit(init=COUNTS, bypass_csp=True)
    log_in(page, user)
    mistral.scripted.append(f"Seven books [1].\n\n{said}")
    ask(page, f"How many books may a reader borrow? {PAYLOADS[11]}")
    expect(page.get_by_role("list", name="Sources")).to_contain_text(PAYLOADS[0])
    expect(page.locator(".message.user .body")).to_contain_text(PAYLOADS[11])
    page.locator(".source").click()
    expect(page.get_by_role("dialog")).to_contain_text(PAYLOADS[13])
    expect(page.get_by_role("dialog").get_by_role("link")).to_have_count(0)
    nothing_ran(page)
