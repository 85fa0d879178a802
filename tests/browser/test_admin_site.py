"""What an editor does on the admin site, from a file to an answer and back."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from rest_framework.test import APIClient

from documents.models import Document, Question
from tests.browser.conftest import NARROW, WIDE
from tests.conftest import PASSWORD
from tests.knowledge import HOURS, LONGER, hand_in, submit, work
from users.models import AuditEntry, User

pytestmark = pytest.mark.django_db(transaction=True)
CLOSING = "Until when is the library open?"


@pytest.fixture
def document(editor_client: APIClient) -> str:
    """The address of a published document, on the admin site."""
    made = submit(editor_client, "Opening hours", HOURS)["documents"][0]
    return f"documents/document/{made['id']}/"


def new_draft(editor_client: APIClient, document: str, content: str) -> None:
    hand_in(editor_client, f"/api/documents/{document.split('/')[2]}/", content, publish=False)


def test_an_editor_logs_in(page: Page, editor: User) -> None:
    page.context.clear_cookies()
    page.goto("upload/")
    page.get_by_label("User name").fill(editor.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_title("Upload documents | Grounded")


def test_a_file_is_uploaded_and_seen_to_become_published(page: Page, tmp_path: Path) -> None:
    good, bad = tmp_path / "hours.md", tmp_path / "noise.bin"
    good.write_text(HOURS)
    bad.write_bytes(bytes(range(256)) * 8)
    page.goto("upload/")
    page.set_input_files("input[type=file]", [good, bad])
    expect(page.get_by_label("Note")).to_have_value("")
    page.get_by_role("button", name="Upload").click()
    sent = page.locator("#uploads li")
    expect(sent.filter(has_text="hours.md").locator(".g-badge")).to_have_text("Queued")
    expect(sent.filter(has_text="noise.bin").get_by_role("alert")).to_contain_text("unsupported_type")
    work()
    expect(sent.filter(has_text="hours.md").locator(".g-badge")).to_have_text("Published")
    sent.get_by_role("link", name="Opening hours").click()
    expect(page.locator("#version-1")).to_contain_text("Published")


def test_a_new_version_is_written_compared_published_and_rolled_back(page: Page, document: str) -> None:
    page.goto(f"{document}change/")
    page.get_by_role("link", name="New version").click()
    text = page.get_by_label("Text", exact=True)
    expect(text).to_have_value(HOURS)
    text.fill(LONGER)
    page.get_by_role("button", name="Hand in").click()
    draft, first = page.locator("#version-2"), page.locator("#version-1")
    expect(draft).to_contain_text("Queued")
    work()
    expect(draft).to_contain_text("Draft")  # the page follows by itself
    draft.get_by_role("link", name="Diff").click()
    expect(page.locator(".g-removed mark")).to_have_text("six")
    expect(page.locator(".g-added mark")).to_have_text("eight")
    page.go_back()
    draft.get_by_role("button", name="Publish").click()
    expect(draft).to_contain_text("Published")
    first.get_by_role("button", name="Roll back").click()
    expect(first).to_contain_text("Published")


def test_what_golden_questions_refuse_is_shown_and_may_be_forced(
    page: Page, editor_client: APIClient, document: str
) -> None:
    Question.objects.create(text=CLOSING).documents.add(Document.objects.get())
    new_draft(editor_client, document, "# Parking\n\nCars stand behind the house.")
    page.goto(f"{document}change/")
    page.locator("#version-2").get_by_role("button", name="Publish").click()
    expect(page.get_by_role("alert")).to_contain_text("Golden questions that pass now would fail")
    expect(page.get_by_text(CLOSING)).to_be_visible()
    page.get_by_role("button", name="Publish all the same").click()
    expect(page.locator("#version-2")).to_contain_text("Published")
    assert "forced" in AuditEntry.objects.get(object_type="document").detail


def test_the_playground_shows_both_halves_and_the_answer(page: Page, document: str) -> None:
    page.goto("playground/")
    page.get_by_label("Question").fill(CLOSING)
    page.keyboard.press("Enter")
    expect(page.locator("#verdict")).to_contain_text("It would be answered")
    cells = page.locator("#ranking tbody tr").first.locator("td.g-number")
    expect(cells).to_have_count(7)
    assert [cells.nth(place).inner_text() for place in (0, 2)] == ["1", "1"]
    page.get_by_role("button", name="Write the answer too").click()
    expect(page.locator("#answer")).to_contain_text("six in the evening")
    page.locator("#answer").get_by_role("link").first.click()
    expect(page.locator("#chunk-0")).to_be_in_viewport()


def test_no_page_is_wider_than_the_screen(page: Page, editor_client: APIClient, document: str) -> None:
    new_draft(editor_client, document, LONGER)
    question = Question.objects.create(text=CLOSING)
    pages = ["", "upload/", "playground/?q=Until+when+is+the+library+open", "status/", "documents/document/",
             "documents/question/", f"documents/question/{question.pk}/change/", "documents/collection/",
             "documents/source/", "documents/source/add/",
             f"{document}change/", f"{document}versions/new/", f"{document}versions/2/diff/",
             f"{document}versions/2/chunks/", f"{document}versions/2/impact/", f"{document}delete/"]  # fmt: skip
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        for address in pages:
            answer = page.goto(address)
            assert answer is not None
            assert answer.status == 200, address
            wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wider == 0, f"{address} at {size['width']}"


def test_the_navigation_opens_by_the_keyboard_on_a_narrow_screen(page: Page) -> None:
    page.set_viewport_size(NARROW)
    page.goto("status/")
    expect(page.get_by_role("link", name="Playground")).not_to_be_in_viewport()
    page.get_by_role("button", name="Navigation").last.press("Enter")
    page.get_by_role("link", name="Playground").click()
    expect(page).to_have_title("Playground | Grounded")


def test_who_is_logged_out_meanwhile_is_told_so(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "hours.md"
    file.write_text(HOURS)
    page.goto("upload/")
    page.set_input_files("input[type=file]", file)
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("#uploads").get_by_role("alert")).to_contain_text("You have been logged out")
