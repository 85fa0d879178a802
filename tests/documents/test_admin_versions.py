"""Versions on the admin site: handed in, compared, looked into, published, rolled back, put aside."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from documents.models import Chunk, Document, Question, Version
from tests.knowledge import HOURS, LONGER, hand_in, opens_until, work

CLOSING = "Until when is the library open?"


@pytest.fixture
def page(hours: str) -> str:
    """The address of a document's versions on the admin site."""
    return f"/admin/documents/document/{hours}/versions/"


@pytest.fixture
def draft(editor_client: APIClient, document: str) -> None:
    hand_in(editor_client, document, LONGER, publish=False)


def test_the_newest_text_is_there_to_go_on_from(site: Client, page: str) -> None:
    form = site.get(f"{page}new/").context["form"]
    assert form["content"].value() == HOURS


def test_a_text_is_handed_in_as_a_draft(site: Client, editor_client: APIClient, page: str) -> None:
    text = LONGER.replace("\n", "\r\n")  # as browsers send it
    site.post(f"{page}new/", {"content": text, "title": "Opening hours", "note": "Longer", "publish": "no"})
    work()
    version = Version.objects.get(number=2)
    assert (version.state, version.note, version.file_name) == ("draft", "Longer", "Opening hours.md")
    with version.file.open() as file:
        assert file.read().decode() == LONGER
    assert opens_until(editor_client) == "six"


def test_a_file_counts_before_the_text(site: Client, editor_client: APIClient, page: str) -> None:
    file = SimpleUploadedFile("new.txt", LONGER.encode())
    site.post(f"{page}new/", {"content": HOURS, "file": file, "title": "", "note": "", "publish": "yes"})
    work()
    assert opens_until(editor_client) == "eight"


def test_the_same_again_is_no_version(site: Client, page: str) -> None:
    fields = {"content": HOURS, "title": "Opening hours", "note": "", "publish": "yes"}
    assert "Nothing has changed" in site.post(f"{page}new/", fields, follow=True).content.decode()
    assert Version.objects.count() == 1


@pytest.mark.parametrize("content", ["", "   \n"])
def test_nothing_at_all_is_refused_on_the_form(site: Client, page: str, content: str) -> None:
    answer = site.post(f"{page}new/", {"content": content, "title": "", "note": "", "publish": "yes"})
    assert "Write a text or choose a file." in answer.content.decode()


def test_a_file_of_no_known_type_is_refused_on_the_form(site: Client, page: str) -> None:
    file = SimpleUploadedFile("noise.bin", bytes(range(256)) * 8)
    answer = site.post(f"{page}new/", {"content": HOURS, "file": file, "publish": "yes"})
    assert answer.context["form"].errors["file"]
    assert answer.context["form"]["content"].value() == HOURS


@pytest.mark.usefixtures("draft")
def test_a_draft_is_published_and_the_older_one_rolled_back_to(
    site: Client, editor_client: APIClient, page: str
) -> None:
    site.post(f"{page}2/publish/")
    assert opens_until(editor_client) == "eight"
    site.post(f"{page}1/publish/")
    assert opens_until(editor_client) == "six"


def test_what_waits_is_published_when_it_is_indexed(
    site: Client, editor_client: APIClient, page: str, document: str
) -> None:
    editor_client.post(f"{document}versions/", {"content": LONGER, "publish": False})
    assert "is published when it is indexed" in site.post(f"{page}2/publish/", follow=True).content.decode()
    work()
    assert opens_until(editor_client) == "eight"


def test_what_breaks_a_golden_question_is_listed_and_may_be_forced(
    site: Client, editor_client: APIClient, page: str, document: str
) -> None:
    Question.objects.create(text=CLOSING).documents.add(Document.objects.get())
    hand_in(editor_client, document, "# Parking\n\nCars stand behind the house.", publish=False)
    refused = site.post(f"{page}2/publish/")
    assert refused.status_code == 409
    assert CLOSING in refused.content.decode()
    assert Document.objects.get().published.number == 1  # type: ignore[union-attr]
    assert site.post(f"{page}2/publish/", {"force": "1"}).status_code == 302
    assert Document.objects.get().published.number == 2  # type: ignore[union-attr]


@pytest.mark.usefixtures("draft")
def test_a_draft_is_put_aside(site: Client, page: str) -> None:
    assert "put aside" in site.post(f"{page}2/discard/", follow=True).content.decode()
    assert Version.objects.get(number=2).state == "superseded"


def test_only_a_draft_can_be_put_aside(site: Client, page: str) -> None:
    answer = site.post(f"{page}1/discard/")
    assert answer.status_code == 409
    assert "not_a_draft" in answer.content.decode()


@pytest.mark.parametrize("deed", ["publish", "discard"])
def test_nothing_is_changed_by_following_a_link(site: Client, page: str, deed: str) -> None:
    assert site.get(f"{page}1/{deed}/").status_code == 405


@pytest.mark.usefixtures("draft")
def test_changed_words_are_marked(site: Client, page: str) -> None:
    text = site.get(f"{page}2/diff/").content.decode()
    assert "<mark>six</mark>" in text
    assert "<mark>eight</mark>" in text


def test_long_unchanged_stretches_are_folded(site: Client, editor_client: APIClient, page: str, document: str) -> None:
    rooms = "\n\n".join(f"Room {number} is on the first floor." for number in range(20))
    hand_in(editor_client, document, f"{HOURS}\n\n{rooms}\n\nThe end.", publish=False)
    hand_in(editor_client, document, f"{LONGER}\n\n{rooms}\n\nThe very end.", publish=False)
    rows = site.get(f"{page}3/diff/", {"to": "2"}).context["rows"]
    [folded] = [row for row in rows if row.kind == "folded"]
    shown = [row for row in rows if row.kind == "same"]
    assert len(folded.folded) > 20
    assert len(shown) < 12
    assert [row.kind for row in rows if row.kind in ("removed", "added")] == ["removed", "added"] * 2


def test_the_first_version_is_all_new(site: Client, editor_client: APIClient) -> None:
    made = editor_client.post("/api/rag/index/", {"title": "New", "content": "Some words.", "publish": False}).json()
    work()
    address = f"/admin/documents/document/{made['documents'][0]['id']}/versions/1/diff/"
    assert {row.kind for row in site.get(address).context["rows"]} == {"added"}


def test_chunks_are_shown_with_their_place(site: Client, page: str) -> None:
    text = site.get(f"{page}1/chunks/").content.decode()
    chunk = Chunk.objects.get()
    assert f"characters {chunk.start}–{chunk.end} · {chunk.tokens} tokens" in text
    assert chunk.text.split("\n")[-1] in text


def test_a_citation_leads_to_its_chunk(site: Client, editor_client: APIClient, page: str, document: str) -> None:
    sections = "\n\n".join(f"# Section {number}\n\n" + "Some words about it. " * 30 for number in range(25))
    hand_in(editor_client, document, sections)
    chunk = Chunk.objects.get(version__number=2, position=22)
    address = site.get(f"/admin/documents/chunk/{chunk.pk}/")["Location"]
    assert address == f"{page}2/chunks/?page=2#chunk-22"
    assert 'id="chunk-22"' in site.get(address).content.decode()


@pytest.mark.parametrize("identity", ["0:1:2", "%00"])
def test_a_citation_of_what_is_gone_is_said_so(site: Client, identity: str) -> None:
    assert "its document has been deleted" in site.get(f"/admin/documents/chunk/{identity}/").content.decode()


def test_the_original_is_downloaded(site: Client, page: str) -> None:
    answer = site.get(f"{page}1/file/")
    assert answer["Content-Disposition"] == 'attachment; filename="Opening hours.md"'
    assert answer.getvalue().decode() == HOURS


def test_a_version_that_is_not_there_is_said_so(site: Client, page: str) -> None:
    assert site.get(f"{page}7/chunks/").status_code == 404


def test_without_a_token_of_the_form_nothing_is_published(site: Client, page: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = site.cookies
    assert strict.post(f"{page}1/publish/").status_code == 403
