"""Editors hand in texts and files over HTTP; a worker indexes them; the job says how it went."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from documents.models import Chunk, Document, Version
from tests.documents.pdf_files import make_pdf, rows
from tests.knowledge import HOURS, LOANS, submit, work


def pdf(text: str) -> bytes:
    return make_pdf([rows(text)])


def upload(client: APIClient, *files: tuple[str, bytes], **fields: Any) -> Any:
    uploads = [SimpleUploadedFile(name, data) for name, data in files]
    return client.post("/api/rag/index/", {"file": uploads, **fields}, format="multipart")


def found(client: APIClient, query: str) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = client.get("/api/rag/search/", {"q": query}).json()["results"]
    return results


def test_a_text_is_accepted_then_indexed_then_found(editor_client: APIClient) -> None:
    answer = editor_client.post("/api/rag/index/", {"title": "Loans", "content": LOANS, "category": "FAQ"})
    assert answer.status_code == 202
    job = editor_client.get(answer.json()["status_url"]).json()
    assert job == {
        "state": "pending",
        "documents_done": 0,
        "documents_total": 1,
        "chunks_done": 0,
        "chunks_embedded": 0,
        "chunks_total": 0,
        "states": {"queued": 1},
        "seconds_left": None,
        "errors": [],
    }
    work()
    job = editor_client.get(answer.json()["status_url"]).json()
    assert (job["state"], job["documents_done"]) == ("done", 1)
    assert job["chunks_done"] == job["chunks_embedded"] == job["chunks_total"] == Chunk.objects.count() > 0
    assert (job["states"], job["seconds_left"]) == ({"published": 1}, 0)
    best = found(editor_client, "How many books may I borrow?")[0]
    assert best["document_id"] == answer.json()["documents"][0]["id"]
    assert best["category"] == "FAQ"


def test_files_become_documents(editor_client: APIClient) -> None:
    answer = upload(editor_client, ("hours.md", HOURS.encode()), ("manual.pdf", pdf("The lamp has three buttons.")))
    assert answer.status_code == 202
    work()
    assert editor_client.get(answer.json()["status_url"]).json()["state"] == "done"
    best = found(editor_client, "How many buttons has the lamp?")[0]
    assert best["source_uri"] == "manual.pdf"
    assert best["page"] == 1


def test_the_same_content_again_does_nothing(editor_client: APIClient) -> None:
    first = submit(editor_client, "Loans", LOANS)
    again = editor_client.post("/api/rag/index/", {"title": "Loans", "content": LOANS})
    assert again.status_code == 200
    assert again.json()["documents"] == first["documents"]
    assert Version.objects.count() == 1


def test_changed_content_replaces_what_is_answered_from(editor_client: APIClient) -> None:
    submit(editor_client, "Loans", LOANS)
    submit(editor_client, "Loans", LOANS.replace("seven books", "nine books"))
    document = Document.objects.get()
    assert document.published is not None
    assert document.published.number == 2
    texts = [result["text"] for result in found(editor_client, "How many books may I borrow?")]
    assert any("nine books" in text for text in texts)
    assert not any("seven books" in text for text in texts)


def test_unchanged_passages_keep_their_vectors(editor_client: APIClient) -> None:
    submit(editor_client, "Loans", LOANS)
    vectors = set(Chunk.objects.values_list("embedding_hash", flat=True))
    submit(editor_client, "Loans", LOANS + "\n\n## Fees\n\nA card costs ten euros a year.")
    kept = Chunk.objects.filter(version__number=2, embedding_hash__in=vectors)
    assert kept.exists()


@pytest.mark.parametrize(
    ("name", "data", "status", "code"),
    [
        ("empty.txt", b"", 422, "empty"),
        ("blank.md", b" \n\n ", 422, "empty"),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(64), 415, "unsupported_type"),
        ("program.bin", bytes(range(256)) * 4, 415, "unsupported_type"),
    ],
)
def test_a_file_that_cannot_be_indexed_is_refused_at_once(
    editor_client: APIClient, name: str, data: bytes, status: int, code: str
) -> None:
    answer = upload(editor_client, ("good.md", HOURS.encode()), (name, data))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Document.objects.exists()


def test_a_broken_file_fails_alone_and_leaves_nothing_half_indexed(editor_client: APIClient) -> None:
    broken = pdf("Text")[:120]
    answer = upload(editor_client, ("good.md", HOURS.encode()), ("broken.pdf", broken))
    assert answer.status_code == 202
    work()
    job = editor_client.get(answer.json()["status_url"]).json()
    assert job["state"] == "failed"
    assert job["documents_done"] == 1
    assert [(error["file_name"], error["code"]) for error in job["errors"]] == [("broken.pdf", "corrupt")]
    assert Chunk.objects.filter(version__file_name="broken.pdf").count() == 0
    assert found(editor_client, "When is the library open?")[0]["source_uri"] == "good.md"


def test_a_failed_file_leaves_the_published_version_as_it_is(editor_client: APIClient) -> None:
    upload(editor_client, ("manual.pdf", pdf("The lamp has three buttons.")))
    work()
    upload(editor_client, ("manual.pdf", pdf("Other")[:120]))
    work()
    assert found(editor_client, "How many buttons has the lamp?")[0]["version"] == 1
    assert editor_client.get("/api/documents/?state=failed").json()["count"] == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"content": "Text"}, "title"),
        ({"title": "Title"}, "content"),
        ({"title": "T", "content": "Text", "category": "No such"}, "category"),
        ({"title": "T", "content": "Text", "metadata": "no object"}, "metadata"),
    ],
)
def test_what_is_missing_or_wrong_is_named(editor_client: APIClient, body: dict[str, Any], field: str) -> None:
    answer = editor_client.post("/api/rag/index/", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert field in answer.json()["errors"]


def test_an_unknown_collection_is_not_found(editor_client: APIClient) -> None:
    answer = editor_client.post("/api/rag/index/", {"title": "T", "content": "Text", "collection": "no-such"})
    assert answer.status_code == 404


def test_wrong_json_is_a_problem(editor_client: APIClient) -> None:
    answer = editor_client.post("/api/rag/index/", "{no json", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")
    assert json.loads(answer.content)["request_id"] == answer["X-Request-ID"]


def test_users_may_not_index(client: APIClient) -> None:
    answer = client.post("/api/rag/index/", {"title": "Loans", "content": LOANS})
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


def test_the_status_counts_what_the_database_and_each_index_hold(editor_client: APIClient) -> None:
    submit(editor_client, "Loans", LOANS)
    status = editor_client.get("/api/rag/status/").json()
    assert status["documents"] == 1
    assert status["chunks"] == Chunk.objects.count()
    assert {(index["count"], index["lag"]) for index in status["indexes"]} == {(status["chunks"], 0)}
    assert len(status["indexes"]) == 2
