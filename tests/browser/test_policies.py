"""Under their policies of contents the pages work, and what somebody puts into them does not run."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.conftest import NARROW

pytestmark = pytest.mark.django_db(transaction=True)
INLINE = """() => {
  window.ran = [];
  const script = document.createElement("script");
  script.textContent = "window.ran.push('script')";
  document.body.append(script);
  document.body.insertAdjacentHTML("beforeend", `<img src="data:," onerror="window.ran.push('handler')">`);
  return new Promise((done) => setTimeout(() => done(window.ran), 100));
}"""
PAGES = ["/api/docs/", "/api/redoc/", "/admin/login/"]


@pytest.fixture
def violations(page: Page) -> list[str]:
    """What the policy of a page kept it from."""
    seen: list[str] = []
    page.on("console", lambda said: seen.append(said.text) if "Content Security Policy" in said.text else None)
    return seen


def test_swagger_works(page: Page, live_server: LiveServer, violations: list[str]) -> None:
    page.goto(f"{live_server.url}/api/docs/")
    page.get_by_role("button", name="post ​/api​/auth​/login​/", exact=False).first.click()
    expect(page.get_by_role("heading", name="Responses").first).to_be_visible()
    assert violations == []


def test_redoc_works_without_its_makers_logo(
    page: Page, live_server: LiveServer, violations: list[str], errors: list[str]
) -> None:
    page.goto(f"{live_server.url}/api/redoc/")
    expect(page.get_by_role("heading", name="Make an account")).to_be_visible(timeout=20_000)
    page.get_by_placeholder("Search...").press_sequentially("password")
    expect(page.locator("[data-role='search:results']")).to_be_visible(timeout=20_000)  # found by a worker
    assert [said.partition("' ")[0] for said in violations] == [
        "Loading the image 'https://cdn.redoc.ly/redoc/logo-mini.svg"
    ]
    assert errors == ["A page asks for https://cdn.redoc.ly/redoc/logo-mini.svg"]
    errors.clear()  # it was kept from asking


def test_the_admin_site_works(page: Page, violations: list[str]) -> None:
    for address in ("", "upload/", "playground/", "status/", "documents/document/", "documents/question/add/"):
        page.goto(address)
    page.set_viewport_size(NARROW)
    page.get_by_role("button", name="Navigation").last.press("Enter")
    expect(page.get_by_role("link", name="Playground")).to_be_in_viewport()
    assert violations == []


@pytest.mark.parametrize("address", PAGES)
def test_what_is_put_into_a_page_does_not_run(
    page: Page, live_server: LiveServer, violations: list[str], errors: list[str], address: str
) -> None:
    page.goto(f"{live_server.url}{address}")
    assert page.evaluate(INLINE) == []
    assert sum("inline" in said for said in violations) == 2
    errors.clear()  # of Redoc's logo
