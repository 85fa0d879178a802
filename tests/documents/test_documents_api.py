"""Editors list, look into, move and delete documents."""

import uuid
from pathlib import Path

import pytest
from django.conf import settings
from pytest_django import DjangoCaptureOnCommitCallbacks
from rest_framework.test import APIClient

from documents.models import Version
from tests.knowledge import LOANS, submit


@pytest.mark.usefixtures("loans", "hours")
@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        ({}, ["Loans", "Opening hours"]),
        ({"q": "LOAN"}, ["Loans"]),
        ({"category": "faq"}, ["Opening hours"]),
        ({"collection": "general"}, ["Loans", "Opening hours"]),
        ({"collection": "other"}, []),
        ({"state": "published"}, ["Loans", "Opening hours"]),
        ({"state": "failed"}, []),
        ({"q": "\0"}, ["Loans", "Opening hours"]),
    ],
)
def test_documents_are_listed_and_filtered(
    editor_client: APIClient, filters: dict[str, str], titles: list[str]
) -> None:
    listed = editor_client.get("/api/documents/", filters).json()
    assert listed["count"] == len(titles)
    assert [document["title"] for document in listed["results"]] == titles


def test_a_document_says_what_is_published(editor_client: APIClient, loans: str) -> None:
    document = editor_client.get(f"/api/documents/{loans}/").json()
    assert (document["title"], document["category"], document["collection"]) == ("Loans", "Guide", "general")
    assert (document["version"], document["state"]) == (1, "published")
    assert document["metadata"] == {"branch": "north"}


def test_versions_are_listed_newest_first(editor_client: APIClient, loans: str) -> None:
    submit(editor_client, "Loans", LOANS + "\n\nOne more thing.")
    versions = editor_client.get(f"/api/documents/{loans}/versions/").json()["results"]
    assert [(version["number"], version["state"]) for version in versions] == [(2, "published"), (1, "superseded")]
    assert versions[0]["created_by"] == "edda"
    assert versions[0]["content_hash"] != versions[1]["content_hash"]


def test_chunks_are_slices_of_the_published_text(editor_client: APIClient, loans: str) -> None:
    text = Version.objects.get(document=uuid.UUID(loans)).text
    chunks = editor_client.get(f"/api/documents/{loans}/chunks/").json()["results"]
    assert chunks
    for chunk in chunks:
        assert text[chunk["char_start"] : chunk["char_end"]] == chunk["text"]


def test_the_original_file_is_a_download(editor_client: APIClient, loans: str) -> None:
    answer = editor_client.get(f"/api/documents/{loans}/file/")
    assert b"".join(answer.streaming_content) == LOANS.encode()  # type: ignore[attr-defined]
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"


def test_a_document_is_moved(editor_client: APIClient, loans: str) -> None:
    editor_client.post("/api/documents/collections/", {"name": "Staff", "slug": "staff"})
    answer = editor_client.patch(f"/api/documents/{loans}/", {"collection": "staff", "category": None})
    assert (answer.json()["collection"], answer.json()["category"]) == ("staff", None)
    found = editor_client.get("/api/rag/search/", {"q": "How many books?", "collection": "staff"}).json()["results"]
    assert found[0]["document_id"] == loans


def test_a_document_cannot_be_moved_onto_another(editor_client: APIClient, loans: str) -> None:
    editor_client.post("/api/documents/collections/", {"name": "Staff", "slug": "staff"})
    submit(editor_client, "Loans", "# Other loans\n\nFor staff.", collection="staff")
    answer = editor_client.patch(f"/api/documents/{loans}/", {"collection": "staff"})
    assert (answer.status_code, answer.json()["code"]) == (409, "source_taken")


def test_deleting_removes_the_document_its_versions_and_its_file(
    editor_client: APIClient, loans: str, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        assert editor_client.delete(f"/api/documents/{loans}/").status_code == 204
    assert editor_client.get(f"/api/documents/{loans}/").status_code == 404
    assert editor_client.get("/api/rag/search/", {"q": "How many books may I borrow?"}).json()["results"] == []
    assert not Version.objects.exists()
    assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()] == []


def test_a_file_that_two_documents_share_stays_while_one_has_it(
    editor_client: APIClient, loans: str, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    other = submit(editor_client, "Loans again", LOANS)["documents"][0]["id"]
    with django_capture_on_commit_callbacks(execute=True):
        editor_client.delete(f"/api/documents/{loans}/")
    answer = editor_client.get(f"/api/documents/{other}/file/")
    assert b"".join(answer.streaming_content) == LOANS.encode()  # type: ignore[attr-defined]


@pytest.mark.parametrize("below", ["", "versions/", "chunks/", "file/"])
def test_an_unknown_document_is_not_found(editor_client: APIClient, below: str) -> None:
    answer = editor_client.get(f"/api/documents/{uuid.uuid4()}/{below}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["", "{id}/", "{id}/versions/", "{id}/chunks/", "{id}/file/", "collections/"])
def test_users_have_no_part_in_it(client: APIClient, loans: str, path: str) -> None:
    answer = client.get(f"/api/documents/{path.format(id=loans)}")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
