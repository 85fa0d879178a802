"""A folder on the server is a source: its files become documents, and stay in step."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from documents.models import Document, Version
from tests.documents.sources.conftest import AddSource, counts, uris
from tests.knowledge import HOURS, LOANS

Sync = Callable[..., dict[str, Any]]


def write(path: Path, text: str) -> None:
    """A file that has not been written to lately."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (1_700_000_000, 1_700_000_000))


def test_its_files_become_documents_that_are_answered_from(
    folder: Path, add: AddSource, sync: Sync, editor_client: APIClient
) -> None:
    write(folder / "hours.md", HOURS)
    write(folder / "help" / "loans.md", LOANS)
    add("folder", str(folder), category="Guide")
    run = sync(index=True)
    assert counts(run) == {"added": 2}
    assert (run["error_code"], run["ended_at"] is None) == ("", False)
    assert uris() == [str(folder / "help" / "loans.md"), str(folder / "hours.md")]
    assert {document.category and document.category.name for document in Document.objects.all()} == {"Guide"}
    found = editor_client.get("/api/rag/search/", {"q": "How many books may a reader borrow?"}).json()
    assert found["results"][0]["title"] == "Loans"


def test_only_what_has_changed_is_taken_in_again(folder: Path, add: AddSource, sync: Sync) -> None:
    write(folder / "hours.md", HOURS)
    write(folder / "loans.md", LOANS)
    add("folder", str(folder))
    sync()
    assert counts(sync()) == {"unchanged": 2}
    (folder / "loans.md").write_text(f"{LOANS} And more.")
    assert counts(sync()) == {"changed": 1, "unchanged": 1}
    assert sorted(Version.objects.values_list("document__source_uri", "number")) == [
        (str(folder / "hours.md"), 1),
        (str(folder / "loans.md"), 1),
        (str(folder / "loans.md"), 2),
    ]


def test_a_file_that_was_only_touched_has_not_changed(folder: Path, add: AddSource, sync: Sync) -> None:
    write(folder / "hours.md", HOURS)
    add("folder", str(folder))
    sync()
    os.utime(folder / "hours.md", (1_700_000_100, 1_700_000_100))
    assert counts(sync()) == {"unchanged": 1}
    assert Version.objects.count() == 1


def test_a_file_that_is_removed_is_no_longer_answered_from(
    folder: Path, add: AddSource, sync: Sync, editor_client: APIClient
) -> None:
    write(folder / "hours.md", HOURS)
    write(folder / "loans.md", LOANS)
    add("folder", str(folder))
    sync(index=True)
    (folder / "loans.md").unlink()
    assert counts(sync()) == {"unchanged": 1, "removed": 1}
    found = editor_client.get("/api/rag/search/", {"q": "How many books may a reader borrow?"}).json()
    assert {hit["title"] for hit in found["results"]} <= {"Opening hours"}


def test_what_no_reader_of_ours_can_read_is_passed_over_once(folder: Path, add: AddSource, sync: Sync) -> None:
    write(folder / "hours.md", HOURS)
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    add("folder", str(folder))
    assert counts(sync()) == {"added": 1, "skipped": 1}
    assert counts(sync()) == {"unchanged": 1, "skipped": 1}


def test_a_file_that_becomes_unreadable_keeps_what_it_said(folder: Path, add: AddSource, sync: Sync) -> None:
    write(folder / "hours.md", HOURS)
    add("folder", str(folder))
    sync()
    (folder / "hours.md").write_bytes(b"")
    run = sync()
    assert counts(run) == {"failed": 1}
    assert run["failures"] == [{"uri": str(folder / "hours.md"), "code": "empty", "detail": "The file is empty."}]
    assert uris() == [str(folder / "hours.md")]


def test_patterns_say_what_is_wanted(folder: Path, add: AddSource, sync: Sync) -> None:
    for name in ("a.md", "b.txt", "drafts/c.md", "deep/er/d.md"):
        write(folder / name, f"# {name}\n\nSomething.")
    add("folder", str(folder), options={"include": ["*.md"], "exclude": ["drafts/*"]})
    sync()
    assert uris() == [str(folder / "a.md"), str(folder / "deep/er/d.md")]


def test_hidden_files_names_that_are_no_text_and_links_out_of_the_folder_are_left_out(
    folder: Path, tmp_path: Path, add: AddSource, sync: Sync
) -> None:
    write(tmp_path / "secret.md", "# Secret")
    write(tmp_path / "others" / "secret.md", "# Secret")
    write(folder / "hours.md", HOURS)
    write(folder / ".hidden.md", "# Hidden")
    (folder / "out.md").symlink_to(tmp_path / "secret.md")
    (folder / "others").symlink_to(tmp_path / "others")
    (folder / "nowhere.md").symlink_to(tmp_path / "nothing")
    (folder / "within.md").symlink_to(folder / "hours.md")
    os.mkfifo(folder / "pipe.md")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.md")).write_text("# No name")
    add("folder", str(folder))
    assert counts(sync()) == {"added": 2}
    assert uris() == [str(folder / "hours.md"), str(folder / "within.md")]


@pytest.mark.parametrize("location", ["/etc", "relative/path", "{opened}/../elsewhere", "{opened}-beside", "{link}"])
def test_a_folder_that_the_operator_has_not_opened_is_refused(
    folder: Path, tmp_path: Path, editor_client: APIClient, location: str
) -> None:
    (folder / "link").symlink_to(tmp_path)
    body = {"name": "A", "slug": "a", "kind": "folder", "collection": "general"}
    where = location.format(opened=folder, link=folder / "link")
    editor_client.post("/api/documents/collections/", {"name": "General", "slug": "general"})
    answer = editor_client.post("/api/documents/sources/", {**body, "location": where})
    assert (answer.status_code, answer.json()["code"]) == (400, "address_refused")
    assert "SOURCE_FOLDERS" in answer.json()["errors"]["location"][0] or "whole path" in answer.json()["detail"]


def test_a_folder_closed_later_is_read_no_more_and_nothing_is_removed(
    folder: Path, sources: dict[str, Any], add: AddSource, sync: Sync
) -> None:
    write(folder / "hours.md", HOURS)
    add("folder", str(folder))
    sync()
    sources["FOLDERS"] = []
    assert sync()["error_code"] == "address_refused"
    assert len(uris()) == 1


def test_a_folder_that_has_gone_removes_nothing(folder: Path, add: AddSource, sync: Sync) -> None:
    write(folder / "in" / "hours.md", HOURS)
    add("folder", str(folder / "in"))
    sync()
    (folder / "in").rename(folder / "out")
    assert sync()["error_code"] == "source_not_found"
    assert len(uris()) == 1


def test_a_file_that_must_answer_a_golden_question_keeps_its_document(
    folder: Path, add: AddSource, sync: Sync, editor_client: APIClient
) -> None:
    write(folder / "loans.md", LOANS)
    write(folder / "hours.md", HOURS)
    add("folder", str(folder))
    sync(index=True)
    loans = Document.objects.get(source_uri=str(folder / "loans.md"))
    question = {"text": "How many books may a reader borrow?", "documents": [str(loans.pk)]}
    assert editor_client.post("/api/documents/questions/", question).status_code == 201
    (folder / "loans.md").unlink()
    (folder / "hours.md").unlink()
    run = sync()
    assert counts(run) == {"removed": 1, "failed": 1}
    assert run["failures"][0]["code"] == "would_break_questions"
    assert uris() == [str(folder / "loans.md")]
