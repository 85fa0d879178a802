"""Syncs share the work by lease; one that is killed anywhere is taken up again, and nothing is lost or doubled."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from documents.models import Document, Source, SourceRun, SourceState, Version
from documents.sources import syncing
from documents.sources.leases import MAX_ATTEMPTS, source_claim, sources_release
from documents.sources.syncing import source_sync, sources_sync_due
from rag import indexing
from rag.indexing import leases_break
from tests.documents.sources.conftest import AddSource, counts, uris
from tests.loopback.website import Website

Sync = Callable[..., dict[str, Any]]


class Killed(BaseException):
    """As abrupt as a kill: nothing tidies up."""


def kill_at(step: int) -> Callable[[], bool]:
    """Kills at the n-th time that the sync asks whether to go on, which it does around each of its steps."""
    left = [step]

    def stopped() -> bool:
        left[0] -= 1
        if left[0] == -1:  # once: what is rolled back then must not be disturbed
            raise Killed
        return False

    return stopped


def lapse() -> None:
    Source.objects.update(leased_until=timezone.now() - timedelta(seconds=1))


def kept() -> list[tuple[str, int, str]]:
    """All that the documents hold: address, number and content of each version."""
    return sorted(Version.objects.values_list("document__source_uri", "number", "content_hash"))


@pytest.fixture
def linked(site: Website) -> Website:
    site.put("/", "Start", links=("/a", "/b", "/gone"))
    site.put("/a", "Page A", links=("/a/1",))
    site.put("/a/1", "Page A1")
    site.put("/b", "Page B")
    site.put("/gone", "Gone soon")
    return site


def change(site: Website) -> None:
    site.put("/b", "Page B, changed", links=("/c",))
    site.put("/c", "Page C", links=("/d",))
    site.put("/d", "Page D")
    site.pages.pop("/gone", None)


def assert_taken_up(site: Website) -> None:
    """Another worker, once the lease has ended, brings about what one undisturbed sync would have."""
    lapse()
    assert sources_sync_due(worker="host:2:b")
    assert [uri.removeprefix(site.url) for uri in uris()] == ["/", "/a", "/a/1", "/b", "/c", "/d"]
    assert [number for _, number, _ in kept()] == [1, 1, 1, 1, 2, 1, 1]


@pytest.mark.parametrize("step", range(14))
@pytest.mark.no_cover
def test_a_sync_that_is_killed_between_two_steps_ends_as_if_it_had_not_been(
    linked: Website, add: AddSource, sync: Sync, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    monkeypatch.setattr(syncing, "_PART_PAGES", 2)
    add("website", linked.url)
    sync()
    change(linked)
    claimed = source_claim(worker="host:1:a", only=Source.objects.get())
    assert claimed
    with pytest.raises(Killed):
        source_sync(source=claimed, worker="host:1:a", stopped=kill_at(step))
    assert not sources_sync_due(worker="host:2:b")
    assert_taken_up(linked)
    assert [run.error_code for run in SourceRun.objects.order_by("id")] == ["", "interrupted", ""]
    assert counts(sync()) == {"unchanged": 6}


@pytest.mark.parametrize("statement", range(1, 84, 6))
@pytest.mark.no_cover
def test_a_sync_that_is_killed_at_a_statement_ends_as_if_it_had_not_been(
    linked: Website, add: AddSource, sync: Sync, monkeypatch: pytest.MonkeyPatch, statement: int
) -> None:
    monkeypatch.setattr(syncing, "_PART_PAGES", 2)
    add("website", linked.url)
    sync()
    change(linked)
    claimed = source_claim(worker="host:1:a", only=Source.objects.get())
    assert claimed
    stop = kill_at(statement)

    def execute(execute: Callable[..., Any], *arguments: Any) -> Any:
        stop()
        return execute(*arguments)

    with pytest.raises(Killed), connection.execute_wrapper(execute):
        source_sync(source=claimed, worker="host:1:a")
    assert_taken_up(linked)
    assert counts(sync()) == {"unchanged": 6}


def test_two_workers_never_sync_the_same_source(linked: Website, add: AddSource) -> None:
    add("website", linked.url, interval=60)
    assert source_claim(worker="host:1:a")
    assert source_claim(worker="host:2:b") is None


def test_a_worker_whose_lease_was_taken_over_changes_nothing(linked: Website, add: AddSource) -> None:
    add("website", linked.url, interval=60)
    first = source_claim(worker="host:1:a")
    assert first
    lapse()
    assert source_claim(worker="host:2:b")
    source_sync(source=first, worker="host:1:a")
    assert uris() == []
    assert Source.objects.get().leased_by == "host:2:b"


def test_a_source_that_is_deleted_while_it_is_read_leaves_nothing(linked: Website, add: AddSource) -> None:
    add("website", linked.url, interval=60)
    claimed = source_claim(worker="host:1:a")
    assert claimed
    Source.objects.all().delete()
    with pytest.raises(Source.DoesNotExist):
        claimed.refresh_from_db()
    source_sync(source=claimed, worker="host:1:a")
    assert uris() == []


def test_a_worker_that_is_told_to_stop_gives_the_source_back(linked: Website, add: AddSource) -> None:
    add("website", linked.url, interval=60)
    assert sources_sync_due(worker="host:1:a", stopped=lambda: True)
    source = Source.objects.get()
    assert (source.state, source.leased_by, source.attempts) == (SourceState.DUE, "", 0)
    assert sources_sync_due(worker="host:2:b")
    assert len(uris()) == 5


def test_what_a_dead_process_held_is_free_at_once(linked: Website, add: AddSource) -> None:
    add("website", linked.url, interval=60)
    process = 2**22 + 1  # beyond what Linux gives out by default
    assert source_claim(worker=f"{indexing.worker_name().split(':')[0]}:{process}:a")
    leases_break()
    assert source_claim(worker="host:2:b")


def test_a_source_that_kills_its_workers_fails_in_the_end(linked: Website, add: AddSource) -> None:
    add("website", linked.url, interval=60)
    for number in range(MAX_ATTEMPTS):
        assert source_claim(worker=f"host:{number}:a")
        sources_release(worker=f"host:{number}:a", died=True)
    assert source_claim(worker="host:9:a") is None
    source = Source.objects.get()
    assert (source.state, source.error_code) == (SourceState.FAILED, "worker_died")


def test_a_source_is_synced_when_its_time_has_come(linked: Website, add: AddSource, sync: Sync) -> None:
    add("website", linked.url, interval=60)
    assert sources_sync_due(worker="host:1:a")
    assert not sources_sync_due(worker="host:1:a")
    source = Source.objects.get()
    assert source.next_sync_at
    assert timedelta(minutes=59) < source.next_sync_at - timezone.now() <= timedelta(minutes=60)
    Source.objects.update(next_sync_at=timezone.now())
    assert sources_sync_due(worker="host:1:a")


@pytest.fixture
def many(folder: Path) -> Path:
    for number in range(12):
        (folder / f"{number:02}.md").write_text(f"# Text {number}\n\nSomething about {number}.")
    return folder


def test_most_documents_are_not_removed_at_once_unless_by_force(many: Path, add: AddSource, sync: Sync) -> None:
    add("folder", str(many))
    sync()
    for number in range(7):
        (many / f"{number:02}.md").unlink()
    (many / "new.md").write_text("# New\n\nSomething new.")
    run = sync()
    assert (run["error_code"], run["added"], run["removed"]) == ("too_many_removed", 1, 0)
    assert len(uris()) == 13
    assert sync(force=True)["removed"] == 7
    assert len(uris()) == 6


def test_a_few_documents_may_all_be_removed(folder: Path, add: AddSource, sync: Sync) -> None:
    for number in range(9):
        (folder / f"{number}.md").write_text("# Text")
    add("folder", str(folder))
    sync()
    for path in folder.iterdir():
        path.unlink()
    assert counts(sync()) == {"removed": 9}


def test_a_document_that_an_editor_deleted_stays_away_until_its_page_changes(
    folder: Path, add: AddSource, sync: Sync, editor_client: APIClient
) -> None:
    path = folder / "hours.md"
    path.write_text("# Hours\n\nNine to five.")
    add("folder", str(folder))
    sync()
    editor_client.delete(f"/api/documents/{Document.objects.get().pk}/")
    sync()
    assert uris() == []
    path.write_text("# Hours\n\nNine to six.")
    sync()
    assert uris() == [str(path)]


def test_a_document_stays_where_an_editor_has_moved_it(
    folder: Path, add: AddSource, sync: Sync, editor_client: APIClient
) -> None:
    path = folder / "hours.md"
    path.write_text("# Hours\n\nNine to five.")
    add("folder", str(folder), category="Guide")
    sync()
    editor_client.post("/api/documents/collections/", {"name": "Staff", "slug": "staff"})
    moved = f"/api/documents/{Document.objects.get().pk}/"
    assert editor_client.patch(moved, {"collection": "staff", "category": "FAQ"}).status_code == 200
    path.write_text("# Hours\n\nNine to six.")
    sync()
    document = Document.objects.get()
    assert (document.collection.slug, str(document.category), document.versions.count()) == ("staff", "FAQ", 2)


def test_a_document_that_two_sources_have_goes_with_the_second(
    folder: Path, add: AddSource, editor_client: APIClient
) -> None:
    (folder / "in").mkdir()
    (folder / "in" / "hours.md").write_text("# Hours\n\nNine to five.")
    wide = add("folder", str(folder))["id"]
    narrow = add("folder", str(folder / "in"), slug="b")["id"]
    for identity in (wide, narrow):
        claimed = source_claim(worker="host:1:a", only=Source.objects.get(pk=identity))
        assert claimed
        source_sync(source=claimed, worker="host:1:a")
    editor_client.delete(f"/api/documents/sources/{wide}/?documents=delete")
    assert len(uris()) == 1
    editor_client.delete(f"/api/documents/sources/{narrow}/?documents=delete")
    assert uris() == []
