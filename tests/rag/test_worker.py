"""Workers share the work by lease; what one leaves behind, the next finishes."""

from datetime import timedelta
from threading import Event

import pytest
from django.db import InterfaceError
from django.utils import timezone
from rest_framework.test import APIClient

from documents import leases, publishing, services
from documents.models import Chunk, State, Version
from documents.services import Submission
from rag import indexing
from rag.indexing import LEASE, index_pending, leases_break
from rag.management.commands.run_worker import repeat
from rag.models import Vector
from tests.knowledge import LOANS, work


@pytest.fixture
def pending() -> list[Version]:
    """Three texts that nobody has begun to index."""
    submissions = [
        Submission(f"# Text {number}\n\nSomething about subject {number}.".encode(), f"{number}.md", f"{number}.md")
        for number in range(3)
    ]
    job = services.documents_submit(submissions=submissions).job
    return list(job.versions.order_by("id"))


def claim(worker: str, limit: int = 10) -> list[Version]:
    return leases.versions_claim(worker=worker, limit=limit, lease=LEASE)


def test_two_workers_never_hold_the_same_version(pending: list[Version]) -> None:
    first, second = claim("host:1:a", 2), claim("host:2:b", 2)
    assert [version.pk for version in (*first, *second)] == [version.pk for version in pending]


def test_what_a_worker_holds_is_free_when_its_lease_ends(pending: list[Version]) -> None:
    claim("host:1:a")
    assert claim("host:2:b") == []
    Version.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert len(claim("host:2:b")) == 3


def test_what_a_dead_process_held_is_free_at_once(pending: list[Version]) -> None:
    process = 2**22 + 1  # beyond what Linux gives out by default
    claim(f"{indexing.worker_name().split(':')[0]}:{process}:a")
    leases_break()
    assert len(claim("host:2:b")) == 3


def test_a_worker_whose_lease_was_taken_over_publishes_nothing(pending: list[Version]) -> None:
    held = claim("host:1:a")
    Version.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    claim("host:2:b")
    publishing.versions_complete(chunks_by_version={version: [] for version in held}, worker="host:1:a")
    assert not Version.objects.filter(state=State.PUBLISHED).exists()


def test_a_version_that_kills_its_workers_fails_in_the_end_and_takes_no_other_with_it(pending: list[Version]) -> None:
    deadly = pending[1]
    for number in range(12):
        worker = f"host:{number}:a"
        held = claim(worker)
        if deadly in held:
            leases.versions_release(worker=worker, died=True)
        else:
            publishing.versions_complete(chunks_by_version={version: [] for version in held}, worker=worker)
    states = Version.objects.order_by("id").values_list("state", "error_code")
    assert list(states) == [(State.PUBLISHED, ""), (State.FAILED, "worker_died"), (State.PUBLISHED, "")]
    assert Version.objects.get(pk=deadly.pk).attempts == leases.MAX_ATTEMPTS


def test_indexing_again_after_a_stop_gives_the_same_chunks(
    editor_client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor_client.post("/api/rag/index/", {"title": "Loans", "content": LOANS})

    class Killed(BaseException):
        pass

    def die(**_: object) -> int:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(indexing, "versions_complete", die)
        with pytest.raises(Killed):
            index_pending(worker="host:1:a")
    assert Chunk.objects.count() == 0
    vectors = Vector.objects.count()
    assert vectors > 0
    Version.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    work()
    assert Vector.objects.count() == vectors
    version = Version.objects.get()
    assert version.state == State.PUBLISHED
    assert [chunk.pk for chunk in version.chunks.all()] == [
        f"{version.document_id.hex}:1:{position}" for position in range(version.chunk_count)
    ]


def test_what_is_done_beside_the_indexing_goes_on_after_a_fault(caplog: pytest.LogCaptureFixture) -> None:
    stop, faults = Event(), [InterfaceError("the cursor is closed"), ZeroDivisionError("a fault of our own")]

    def work_once() -> bool:
        if faults:
            raise faults.pop(0)
        stop.set()
        return False

    repeat("Mailing", work_once, 0.01, stop)
    told = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert told == [("WARNING", "Mailing waits: the cursor is closed"), ("ERROR", "Mailing met a fault")]
