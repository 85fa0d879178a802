"""Files handed in on the admin site, and what becomes of them."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from documents.models import Category, Collection, Document, Version
from tests.knowledge import HOURS, LOANS, work

PAGE = "/admin/upload/"
SCRIPT = {"X-Requested-With": "XMLHttpRequest"}


def file(name: str = "hours.md", content: str = HOURS) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode())


def test_several_files_become_one_job_that_is_followed(site: Client) -> None:
    answer = site.post(PAGE, {"file": [file(), file("loans.md", LOANS)], "publish": "yes"})
    job = answer["Location"]
    assert site.get(job).content.count(b"Queued") == 2
    part = site.get(job, headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 1s"' in part
    assert "<html" not in part
    work()
    text = site.get(job).content.decode()
    assert "2 of 2 documents" in text
    assert "every 1s" not in text


def test_collection_category_note_and_draft_are_kept(site: Client) -> None:
    Collection.objects.create(name="Staff", slug="staff")
    fields = {"file": file(), "collection": "staff", "category": "Guide", "note": "First", "publish": "no"}
    site.post(PAGE, fields)
    work()
    document, version = Document.objects.get(), Version.objects.get()
    assert (document.collection.slug, document.category) == ("staff", Category.objects.get(name="Guide"))
    assert (version.note, version.state) == ("First", "draft")


def test_with_the_script_a_file_s_state_comes_back_as_a_part(site: Client) -> None:
    part = site.post(PAGE, {"file": file(), "publish": "yes"}, headers=SCRIPT).content.decode()
    assert "Queued" in part
    assert "hx-get=" in part
    assert "<html" not in part


def test_the_same_file_again_is_told_to_be_known(site: Client) -> None:
    site.post(PAGE, {"file": file(), "publish": "yes"})
    work()
    part = site.post(PAGE, {"file": file(), "publish": "yes"}, headers=SCRIPT).content.decode()
    assert "known already" in part
    assert str(Document.objects.get().pk) in part
    again = site.post(PAGE, {"file": file(), "publish": "yes"}, follow=True)
    assert "Nothing has changed" in again.content.decode()


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [("noise.bin", bytes(range(256)) * 8, 415, "unsupported_type"), ("empty.md", b"", 422, "empty")],
)
def test_a_file_that_is_refused_says_why_and_what_to_do(
    site: Client, name: str, content: bytes, status: int, code: str
) -> None:
    fields: dict[str, Any] = {"file": SimpleUploadedFile(name, content), "publish": "yes"}
    part = site.post(PAGE, fields, headers=SCRIPT)
    assert part.status_code == status
    assert code in part.content.decode()
    assert "What to do:" in part.content.decode()
    whole = site.post(PAGE, {"file": SimpleUploadedFile(name, content), "publish": "yes"})
    assert whole.context["form"].errors["file"]


def test_a_file_that_cannot_be_indexed_says_so_in_the_job(site: Client) -> None:
    broken = SimpleUploadedFile("broken.pdf", b"%PDF-1.7\nno more than this")
    job = site.post(PAGE, {"file": broken, "publish": "yes"})["Location"]
    work()
    text = site.get(job).content.decode()
    assert "corrupt" in text
    assert "Save it anew in its own program." in text


def test_no_file_is_refused_on_the_form(site: Client) -> None:
    assert site.post(PAGE, {"publish": "yes"}).context["form"].errors["file"]
    assert site.post(PAGE, {"publish": "yes"}, headers=SCRIPT).status_code == 400


def test_a_job_that_is_not_there_is_said_so(site: Client) -> None:
    assert site.get(f"{PAGE}00000000-0000-0000-0000-000000000000/").status_code == 404
