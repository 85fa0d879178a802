"""`manage.py populate_documents`: the bundled handbook, which then answers questions about the product."""

import re
import shutil
from pathlib import Path

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from documents.handbook.pages import LIBRARY
from documents.models import Collection, Document, Version
from documents.services import Submission, documents_submit
from rag.management.commands import populate_documents
from tests.knowledge import work


@pytest.fixture
def some_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of the handbook. All of it is indexed where the product is started as by a newcomer."""
    pages = sorted(LIBRARY.glob("*/*.md"))
    wanted = {LIBRARY / "guide" / name for name in ("index-documents.md", "accounts-and-tokens.md", "errors.md")}
    assert wanted < set(pages)
    for page in wanted | set(pages[::10]):
        (tmp_path / page.parent.name).mkdir(exist_ok=True)
        shutil.copy(page, tmp_path / page.parent.name)
    monkeypatch.setattr(populate_documents, "LIBRARY", tmp_path)


@pytest.mark.usefixtures("some_pages")
def test_the_handbook_answers_questions_about_the_product(client: APIClient) -> None:
    call_command("populate_documents")
    for question, words in (
        ("How do I index a PDF?", "index_documents"),
        ("How long does an access token live?", "15 minutes"),
        ("What does the code no_text mean?", "pictures of pages"),
    ):
        bot = client.post("/api/chat/messages/", {"content": question}).json()["bot_message"]
        assert bot["grounded"] is True
        assert words in bot["content"]
        citation = bot["citations"][0]
        version = Version.objects.get(document=citation["document_id"], number=citation["version"])
        assert version.text[citation["char_start"] : citation["char_end"]] == citation["text"]
    refused = client.post("/api/chat/messages/", {"content": "What is the boiling point of tungsten?"}).json()
    assert refused["bot_message"]["grounded"] is False


@pytest.fixture
def two_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A handbook that is quickly indexed."""
    for page in ("faq/formats.md", "guide/errors.md"):
        (tmp_path / page).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / page).write_text("# A page\n\nOf the handbook.")
    monkeypatch.setattr(populate_documents, "LIBRARY", tmp_path)


@pytest.mark.usefixtures("two_pages")
def test_it_may_be_run_again_and_drops_pages_that_are_gone(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("populate_documents")
    pages = Document.objects.count()
    assert pages == 2
    collection = Collection.objects.get(slug="handbook")
    gone = Submission(b"# An old page\n\nOld.", "old.md", source_uri="library/guide/old.md")
    own = Submission(b"# A page of our own\n\nOurs.", "own.md", source_uri="own.md")
    documents_submit(submissions=[gone, own], collection=collection)
    work()
    call_command("populate_documents")
    assert f"0 indexed (0 passages), {pages} unchanged" in capsys.readouterr().out
    assert set(Document.objects.values_list("source_uri", flat=True)) & {"library/guide/old.md", "own.md"} == {"own.md"}


def test_every_page_has_a_title_and_every_link_between_pages_leads_somewhere() -> None:
    for page in LIBRARY.glob("*/*.md"):
        text = page.read_text()
        assert re.match(r"---\ntitle: .+\n", text), page
        for target in re.findall(r"\]\((?!https?:|#|/)([^)#]+)", text):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
