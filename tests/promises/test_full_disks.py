"""On a full disk nothing is taken in by half, what is there is served, and the rest follows once there is room."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from pytest_django import Settings
from rest_framework.test import APIClient

from documents.models import Document, State, Version
from tests.knowledge import HOURS, LOANS, submit, work
from tests.promises.outages import full, small_disk


def upload(client: APIClient) -> Any:
    file = SimpleUploadedFile("hours.md", HOURS.encode() * 900)
    return client.post("/api/rag/index/", {"file": file}, format="multipart")


def found(client: APIClient, query: str) -> list[str]:
    answer = client.get("/api/rag/search/", {"q": query})
    assert answer.status_code == 200, answer.content
    return [result["title"] for result in answer.json()["results"]]


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()} - {"filler"}


def test_an_upload_is_refused_and_leaves_nothing(editor_client: APIClient, settings: Settings) -> None:
    with small_disk(Path(settings.MEDIA_ROOT), "1m") as disk:
        with full(disk):
            refused = upload(editor_client)
            assert (refused.status_code, refused.json()["code"]) == (507, "storage_full")
            assert not Document.objects.exists()
            assert files(disk) == set()
        assert upload(editor_client).status_code == 202


def test_documents_wait_for_room_in_the_indexes_and_questions_are_answered(
    editor_client: APIClient, settings: Settings
) -> None:
    with small_disk(Path(settings.RAG["INDEX_DIR"])) as disk:
        submit(editor_client, "Hours", HOURS)
        assert found(editor_client, "When is the library open?") == ["Hours"]
        with full(disk):
            assert editor_client.post("/api/rag/index/", {"title": "Loans", "content": LOANS}).status_code == 202
            with pytest.raises(CommandError, match="No space left"):
                work()
            assert found(editor_client, "When is the library open?") == ["Hours"]
        work()
        assert "Loans" in found(editor_client, "How many books may a reader borrow?")
    assert set(Version.objects.values_list("state", flat=True)) == {State.PUBLISHED}


def test_a_backup_is_given_up_whole_and_the_ones_before_stay(
    editor_client: APIClient, settings: Settings, tmp_path: Path
) -> None:
    settings.BACKUPS = {**settings.BACKUPS, "DIR": tmp_path / "backups"}
    submit(editor_client, "Hours", HOURS)
    with small_disk(tmp_path / "backups", "32m") as disk:
        call_command("backup", stdout=None)
        before = files(disk)
        assert before
        with full(disk), pytest.raises(CommandError):
            call_command("backup", stdout=None)
        assert files(disk) == before
        call_command("backup", stdout=None)
