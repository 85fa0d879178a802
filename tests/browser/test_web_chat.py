"""What people do in the web chat."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from chat.models import Citation, Feedback, Message, QuickReply, Sender, Session
from tests.browser.conftest import NARROW
from tests.browser.looking import looked_at
from tests.conftest import PASSWORD
from tests.loopback.mistral import LoopbackMistral
from users.models import User

pytestmark = pytest.mark.django_db(transaction=True)
Visit = Callable[..., Page]
QUESTION = "How many books may a reader borrow?"
ANSWER = """A reader may borrow up to **seven books** at a time [1]. A loan lasts four weeks [1].

- Bring them back in time.
"""


def log_in(page: Page, user: User) -> None:
    page.get_by_label("User name or e-mail").fill(user.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")


@pytest.mark.usefixtures("library")
def test_a_conversation_from_registration_to_log_out(visit: Visit, mistral: LoopbackMistral, tmp_path: Path) -> None:
    QuickReply.objects.create(text=QUESTION)
    page = visit()
    looked_at(page, "log-in")
    page.get_by_role("button", name="Register").click()
    page.get_by_label("User name").fill("grace")
    page.get_by_label("E-mail").fill("grace@example.org")
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("alert")).to_contain_text("too short")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Register").click()

    expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    expect(page.get_by_role("button", name=QUESTION)).to_be_visible()
    looked_at(page, "empty")
    mistral.scripted.append(ANSWER)
    mistral.fail_next("drip", seconds=0.04)
    page.get_by_role("button", name=QUESTION).click()
    answer = page.locator(".message.bot").last
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    expect(answer).to_contain_text("A reader may")
    expect(answer).not_to_contain_text("Bring them back")  # it is still being written
    expect(answer.locator(".body li")).to_contain_text("Bring them back in time.")
    expect(answer.get_by_role("list", name="Sources")).to_contain_text("Loans")
    expect(answer.locator("strong")).to_have_text("seven books")
    expect(page.get_by_role("status")).to_contain_text("Answer: A reader may borrow")
    expect(page.locator(".sessions a[aria-current]")).to_have_text(QUESTION)

    answer.locator(".cite button").nth(1).click()
    passage = page.get_by_role("dialog")
    expect(passage).to_contain_text("A reader may borrow up to seven books")
    expect(passage.locator("mark")).to_have_text("A loan lasts four weeks.")
    looked_at(page, "passage")
    page.keyboard.press("Escape")
    expect(passage).to_be_hidden()
    expect(answer.locator(".cite button").nth(1)).to_be_focused()

    answer.get_by_role("button", name="Not helpful").click()
    answer.get_by_label("What was wrong?").fill("Nine, I think.")
    page.keyboard.press("Enter")
    expect(answer).to_contain_text("Thank you for your comment")
    expect(answer.get_by_role("button", name="Not helpful")).to_have_attribute("aria-pressed", "true")
    assert Feedback.objects.values_list("rating", "comment").get() == ("not_helpful", "Nine, I think.")

    mistral.scripted.append("Up to seven books at a time [1].")
    answer.get_by_role("button", name="Answer once more").click()
    expect(answer).to_contain_text("2 / 2")
    expect(answer).to_contain_text("Up to seven books")
    answer.get_by_role("button", name="Version before").click()
    expect(answer).to_contain_text("1 / 2")
    expect(answer).to_contain_text("Bring them back")

    mistral.scripted.append("A loan lasts four weeks [1].")
    page.get_by_role("button", name="Edit the question").click()
    page.get_by_label("The question").fill("How long does a loan last?")
    page.get_by_role("button", name="Ask this instead").click()
    expect(answer).to_contain_text("A loan lasts four weeks")
    expect(page.locator(".message.user")).to_contain_text("How long does a loan last?")
    page.get_by_role("button", name="Version before").first.click()
    expect(answer).to_contain_text("Bring them back")

    page.reload()
    expect(answer).to_contain_text("Bring them back")
    expect(page.get_by_role("heading", name="How long does a loan last?")).to_be_visible()
    looked_at(page, "conversation")
    page.get_by_label("This conversation").click()
    page.get_by_role("button", name="Rename").click()
    page.get_by_role("textbox", name="Title").fill("Borrowing")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Borrowing")).to_be_visible()
    page.get_by_label("This conversation").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as Markdown").click()
    assert download.value.suggested_filename == "Borrowing.md"
    assert "Bring them back" in Path(download.value.path()).read_text()
    page.get_by_label("Search your conversations").fill("tungsten")
    expect(page.get_by_text("Nothing found.")).to_be_visible()
    page.get_by_label("Search your conversations").fill("weeks")
    page.get_by_role("link", name="Borrowing").click()
    page.get_by_label("This conversation").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    expect(page.get_by_role("link", name="Borrowing")).to_have_count(0)
    page.get_by_role("button", name="Log out").click()
    page.get_by_label("User name or e-mail").wait_for()
    page.reload()
    page.get_by_label("User name or e-mail").wait_for()


def test_with_cookies_a_session_lives_on_and_no_script_can_read_its_token(
    visit: Visit, user: User, settings: Any
) -> None:
    settings.AUTH_COOKIES = True
    page = visit()
    log_in(page, user)
    expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    assert "eyJ" not in page.evaluate("JSON.stringify(localStorage) + document.cookie")
    [token] = [cookie for cookie in page.context.cookies() if cookie["name"] == "grounded_refresh"]
    assert (token["httpOnly"], token["secure"], token["sameSite"]) == (True, True, "Strict")
    page.reload()
    expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    other = page.context.new_page()
    other.goto("/")
    expect(other.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    for window in (page, other):
        window.get_by_label("User name or e-mail").wait_for()
    assert page.context.cookies() == []
    page.reload()
    page.get_by_label("User name or e-mail").wait_for()


LOSES_ITS_STREAMS = """
const real = fetch;
window.fetch = async (path, options) => {
  const lost = window.loses > 0 && options?.method === "POST";
  if (lost && window.loses-- === 2) throw new TypeError("lost before an answer");
  const response = await real(path, options);
  if (!lost) return response;
  const [reader, {readable, writable}] = [response.body.getReader(), new TransformStream()];
  (async () => {
    const writer = writable.getWriter();
    for (let chunks = 0; chunks < 6; chunks++) await writer.write((await reader.read()).value);
    reader.cancel();
    writer.abort(new TypeError("lost in an answer"));
  })();
  return new Response(readable, {headers: response.headers});
};
"""


@pytest.mark.usefixtures("library")
def test_an_answer_is_stopped_and_one_that_is_lost_is_found_again(
    visit: Visit, mistral: LoopbackMistral, user: User
) -> None:
    page = visit(init=LOSES_ITS_STREAMS)
    log_in(page, user)
    long = "A reader may borrow up to seven books at a time [1]. " * 8
    mistral.scripted.append(long)
    mistral.fail_next("drip", seconds=0.1)
    ask(page, QUESTION)
    answer = page.locator(".message.bot").last
    expect(answer).to_contain_text("A reader may")
    looked_at(page, "writing")
    page.get_by_role("button", name="Stop").click()
    expect(answer).to_contain_text("Stopped.")
    expect(page.get_by_role("button", name="Ask")).to_be_visible()
    assert mistral.wait_for_streams(0)
    assert Message.objects.get(sender_type=Sender.BOT).status == "stopped"

    page.evaluate("window.loses = 2")  # first the request, then the stream
    mistral.scripted.append(long)
    mistral.fail_next("drip", seconds=0.1)
    page.get_by_role("button", name="New conversation").click()
    ask(page, QUESTION)
    expect(answer).to_contain_text("Trying again")
    expect(answer).to_contain_text("The connection was lost; this is what came.")
    expect(answer).to_contain_text("A reader")
    assert Message.objects.filter(sender_type=Sender.USER).count() == 2
    mistral.scripted.append("Seven [1].")
    answer.get_by_role("button", name="Answer once more").click()
    expect(answer).to_contain_text("2 / 2")


ARABIC = "كم كتابا يمكن للقارئ أن يستعير؟"
ARABIC_ANSWER = """يمكن للقارئ أن يستعير سبعة كتب [1].

1. سجل الدخول
2. افتح صفحة القروض

| الكتب | الأسابيع |
|---|---|
| 7 | 4 |
"""
MARKDOWN = """## Loans

A reader may borrow up to *seven* books at a time [1], see <https://example.org/loans>.

1. Log in to the `catalogue`.
   - or ask at the desk
2. Press **Renew**.

| What | How long | How much does it cost for each day and each book, at most |
|---|---|---|
| Book | four weeks | twenty cents |

```python
for book in reader.books: renew(book, until=today + FOUR_WEEKS, notify=reader.address, reason="asked for by its reader")
```

> Late books cost money &amp; nerves.
"""
CITATION: dict[str, Any] = {
    "marker": 1,
    "chunk_id": "a:1:0",
    "version": 1,
    "title": "Loans",
    "heading": "Loans",
    "char_start": 0,
    "char_end": 73,
    "source_uri": "https://example.org/loans",
    "text": "A reader may borrow up to seven books at a time. A loan lasts four weeks.",
}


def converse(user: User, title: str, *turns: tuple[str, str], **cited: Any) -> Session:
    session = Session.objects.create(user=user, title=title)
    last = None
    for position, (question, answer) in enumerate(turns):
        common: dict[str, Any] = {"session": session, "chosen": True, "status": "complete"}
        last = Message.objects.create(
            sender_type=Sender.USER, content=question, position=2 * position, parent=last, **common
        )
        last = Message.objects.create(
            sender_type=Sender.BOT, content=answer, position=2 * position + 1, parent=last, grounded=True,
            suggestions=["Loans: Late returns", "How do I renew a loan?"], **common,
        )  # fmt: skip
        citation = {**CITATION, "document_id": session.pk, **cited}
        Citation.objects.create(message=last, **citation)
    return session


def test_it_is_at_home_on_phones_in_the_dark_and_from_right_to_left(visit: Visit, user: User) -> None:
    session = converse(user, "Loans and " + "returns " * 12, (QUESTION, MARKDOWN), (ARABIC, ARABIC_ANSWER))
    page = visit(f"/#/c/{session.pk}", color_scheme="dark", viewport=NARROW, has_touch=True)
    log_in(page, user)
    expect(page.locator(".message")).to_have_count(4)
    question = page.locator(".message.user .body").last
    assert question.evaluate("each => getComputedStyle(each).direction") == "rtl"
    assert page.locator("ol[start] li").last.evaluate("each => getComputedStyle(each).direction") == "rtl"
    looked_at(page, "phone-dark-rtl")
    page.locator(".scroller").evaluate("each => each.scrollTo(0, 0)")
    looked_at(page, "phone-dark")
    page.locator(".cite button").first.click()
    looked_at(page, "phone-passage")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Loans and")).to_be_hidden()
    page.get_by_role("button", name="Conversations").click()
    expect(page.get_by_role("link", name="Loans and")).to_be_in_viewport()
    page.wait_for_timeout(250)
    looked_at(page, "phone-sidebar")
    page.get_by_role("button", name="New conversation").click()
    expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    background = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(background)
    page.get_by_role("button", name="Light or dark").click()
    assert page.evaluate(background) == "rgb(255, 255, 255)" != dark
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name="Loans and").click()
    expect(page.locator(".message")).to_have_count(4)
    looked_at(page, "markdown")
    page.keyboard.press("Tab")
    page.reload()
    assert page.evaluate(background) == "rgb(255, 255, 255)"
