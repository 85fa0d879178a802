"""The handbook at /handbook/: the pages that the bot answers from, to read in a browser."""

import re
import tomllib
from pathlib import Path
from urllib.parse import urljoin

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from chat.models import Citation
from chat.places import address_of
from documents.handbook.pages import LIBRARY, pages
from documents.models import Collection, Document, Visibility
from documents.services import Submission, collection_ensure, documents_submit
from tests.knowledge import work


@pytest.fixture
def browser() -> Client:
    return Client()


@pytest.fixture
def handbook() -> Collection:
    """Two of its pages, indexed as ``populate_documents`` does."""
    collection = collection_ensure(slug="handbook", name="Handbook", visibility=Visibility.PUBLIC)
    names = ("faq/accounts-and-login.md", "guide/use-pinecone.md")
    documents_submit(
        submissions=[
            Submission((LIBRARY / name).read_bytes(), Path(name).name, source_uri=f"library/{name}") for name in names
        ],
        collection=collection,
    )
    work()
    return collection


def links(html: str) -> set[str]:
    return {link for link in re.findall(r'<a [^>]*href="([^"]+)"', html) if not link.startswith("http")}


def test_every_page_stands_in_the_contents_once() -> None:
    contents = tomllib.loads((LIBRARY / "contents.toml").read_text())
    listed = sorted(path for group in contents["groups"] for path in group["pages"])
    assert listed == sorted(path.relative_to(LIBRARY).with_suffix("").as_posix() for path in LIBRARY.glob("*/*.md"))


def test_every_page_is_served_and_each_link_leads_to_a_page_and_a_heading(browser: Client) -> None:
    pending, texts = ["/handbook/"], dict[str, str]()
    wanted = set[tuple[str, str]]()
    while pending:
        address = pending.pop()
        if address in texts:
            continue
        answer = browser.get(address)
        assert answer.status_code == 200, address
        texts[address] = answer.content.decode() if address.startswith("/handbook/") else ""
        for link in links(texts[address]):
            place, _, anchor = urljoin(address, link).partition("#")
            wanted.add((place, anchor))
            pending.append(place)
    assert len(texts) > len(list(pages()))
    missing = {(place, anchor) for place, anchor in wanted if anchor and f'id="{anchor}"' not in texts[place]}
    assert not missing


def test_a_page_needs_no_script_and_loads_files_of_this_server_alone(browser: Client) -> None:
    page = browser.get("/handbook/guide/configure.html")
    text = page.content.decode()
    assert "<h2 id=" in text
    assert "<table>" in text
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on\w+=", text)
    assert "unsafe" not in page["Content-Security-Policy"]
    assert "require-trusted-types-for 'script'" in page["Content-Security-Policy"]
    for address in re.findall(r'(?:href|src)="(/static[^"]+)"', text):
        assert browser.get(address).status_code == 200, address


def test_a_page_that_has_not_changed_is_not_sent_again(browser: Client) -> None:
    first = browser.get("/handbook/guide/configure.html")
    assert "public" in first["Cache-Control"]
    again = browser.get("/handbook/guide/configure.html", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["guide/nothing", "nothing/configure", "guide/glossar%C3%A4"])
def test_there_is_a_page_for_addresses_without_one(browser: Client, path: str) -> None:
    assert browser.get(f"/handbook/{path}.html").status_code == 404


@pytest.mark.usefixtures("handbook")
def test_a_visitor_searches_the_handbook(browser: Client) -> None:
    text = browser.get("/handbook/search/", {"q": "forgot my password"}).content.decode()
    first = re.search(r'<ol class="found">\s*<li><a href="([^"]+)"', text)
    assert first
    assert first[1] == "/handbook/faq/accounts-and-login.html#i-forgot-my-password-what-now"
    assert "Nothing in the handbook" in browser.get("/handbook/search/", {"q": "xylophone"}).content.decode()
    assert "&lt;b&gt;" in browser.get("/handbook/search/", {"q": "<b>\0 pinecone"}).content.decode()


def test_a_search_finds_nothing_where_the_handbook_is_not_for_everybody(browser: Client, handbook: Collection) -> None:
    Collection.objects.filter(pk=handbook.pk).update(visibility=Visibility.MEMBERS)
    assert "Nothing in the handbook" in browser.get("/handbook/search/", {"q": "forgot password"}).content.decode()


def test_searches_of_one_address_are_limited(browser: Client, settings: Settings) -> None:
    settings.LIMITS = {**settings.LIMITS, "handbook_search": (2, 60)}
    assert [browser.get("/handbook/search/").status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.usefixtures("handbook")
def test_what_is_cited_from_the_handbook_has_its_address_and_other_documents_have_theirs() -> None:
    def cited(**fields: str) -> str:
        return address_of(Citation(**fields))

    document = Document.objects.get(source_uri="library/guide/use-pinecone.md")
    chunk = next(chunk for chunk in document.versions.get().chunks.all() if "delete" in chunk.heading)
    ours = {"source_uri": document.source_uri, "title": document.title}
    address = cited(**ours, heading=chunk.heading)
    assert address == "/handbook/guide/use-pinecone.html#can-i-delete-the-pinecone-index"
    assert cited(**ours, heading="") == "/handbook/guide/use-pinecone.html"
    assert cited(source_uri=document.source_uri, title="Our own guide") == ""
    assert cited(source_uri="library/guide/../../x.md", title="x") == ""
    assert cited(source_uri="https://example.org/x", title="x") == "https://example.org/x"
    assert cited(source_uri="javascript:alert(1)", title="x") == ""


def test_the_handbook_is_written_as_files_that_need_no_server(tmp_path: Path) -> None:
    call_command("export_handbook", tmp_path / "site")
    files = {path: path.read_text() for path in (tmp_path / "site").rglob("*.html")}
    assert len(files) == len(list(pages())) + 1
    for path, text in files.items():
        for link in re.findall(r'(?:href|src)="([^"#]+)[^"]*"', text):
            assert link.startswith("http") or (path.parent / link).is_file(), f"{path.name} links to {link}"
        assert "handbook/search" not in text
