"""`manage.py index_documents PATH…`: files and folders, again and again, and what cannot be read."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from documents import leases
from documents.models import Document, State, Version
from documents.services import Submission, documents_submit
from rag.indexing import LEASE
from tests.knowledge import HOURS, LOANS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    (folder / "below").mkdir(parents=True)
    (folder / "hours.md").write_text(HOURS)
    (folder / "below" / "loans.md").write_text(LOANS)
    (folder / ".hidden.md").write_text("not for reading")
    return folder


def test_a_folder_is_indexed_with_all_below_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("index_documents", folder, category="guide")
    assert "2 indexed" in capsys.readouterr().out
    assert set(Document.objects.values_list("title", "category__name")) == {
        ("Opening hours", "Guide"),
        ("Loans", "Guide"),
    }


def test_a_second_run_does_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("index_documents", folder)
    call_command("index_documents", folder)
    assert "0 indexed (0 passages), 2 unchanged" in capsys.readouterr().out
    assert Version.objects.count() == 2


def test_a_changed_file_is_a_new_version(folder: Path) -> None:
    call_command("index_documents", folder)
    (folder / "hours.md").write_text(HOURS.replace("nine", "ten"))
    call_command("index_documents", folder)
    document = Document.objects.get(title="Opening hours")
    assert document.published is not None
    assert document.published.number == 2
    assert "ten in the morning" in document.published.text


def test_what_another_run_had_begun_is_finished(folder: Path) -> None:
    file = (folder / "hours.md").resolve()
    documents_submit(submissions=[Submission(file.read_bytes(), file.name, source_uri=file.as_posix())])
    leases.versions_claim(worker="elsewhere:1:a", limit=1, lease=-LEASE)
    call_command("index_documents", folder)
    assert set(Version.objects.values_list("state", flat=True)) == {State.PUBLISHED}


def test_one_file_that_cannot_be_read_does_not_stop_the_others(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\n" + bytes(100))
    (folder / "empty.txt").write_bytes(b"")
    with pytest.raises(CommandError, match="2 of 4 files"):
        call_command("index_documents", folder)
    output = capsys.readouterr().out
    assert "corrupt" in output
    assert "empty" in output
    assert Document.objects.filter(published__isnull=False).count() == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["/no/such/path"], "neither a file nor a folder"),
        ([".", "--collection", "no-such"], "No collection"),
        ([".", "--category", "no-such"], "no category"),
    ],
)
def test_a_wrong_argument_is_named(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        call_command("index_documents", *arguments)
    assert not Document.objects.exists()
