"""Of several schedulers one leads, whichever lock tells that a leader is dead."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from background_tasks.leader_locks import AdvisoryLock, FileLock, LeaderLock
from background_tasks.leading import Candidate, LeadershipLost, term_assure
from background_tasks.models import Leadership


def ended() -> None:
    """The term of whoever leads has not been renewed in time."""
    Leadership.objects.update(until=timezone.now() - timedelta(seconds=1))


class LeadershipContract:
    """A subclass gives the fixture ``make``, which makes locks as several processes would have them."""

    @pytest.fixture
    def locks(self, make: Callable[[], LeaderLock]) -> Iterator[list[LeaderLock]]:
        made = [make() for _ in range(3)]
        yield made
        for lock in made:
            lock.release()

    @pytest.fixture
    def candidates(self, locks: list[LeaderLock]) -> list[Candidate]:
        return [Candidate(name=f"machine:{number}", lock=lock) for number, lock in enumerate(locks)]

    def test_one_leads_and_goes_on_to(self, candidates: list[Candidate]) -> None:
        first, second, third = candidates
        assert first.campaign()
        assert not second.campaign()
        assert first.keep()
        assert not third.campaign()
        assert first.leads(first.term)
        term_assure(first.term)

    def test_whoever_resigns_is_followed_at_once_in_a_later_term(self, candidates: list[Candidate]) -> None:
        first, second, third = candidates
        assert first.campaign()
        term = first.term
        first.resign()
        assert not first.leads(term)
        assert third.campaign()
        assert third.term > term
        assert not second.campaign()

    def test_a_dead_leader_is_followed_at_once(self, candidates: list[Candidate], locks: list[LeaderLock]) -> None:
        first, second, _ = candidates
        assert first.campaign()
        locks[0].release()  # goes with the process
        assert second.campaign()
        assert not first.keep()

    def test_a_frozen_leader_is_followed_when_its_term_has_ended_and_knows_it_once_awake(
        self, candidates: list[Candidate]
    ) -> None:
        first, second, third = candidates
        assert first.campaign()
        term = first.term
        ended()
        assert second.campaign()  # though the first one has the lock
        assert second.term > term
        with pytest.raises(LeadershipLost):
            term_assure(term)
        assert not first.keep()
        assert not first.leads(term)
        assert not third.campaign()  # though the lock is free now
        assert second.keep()
        assert not first.campaign()

    def test_a_leader_that_was_late_goes_on_if_nobody_has_followed(self, candidates: list[Candidate]) -> None:
        first, second, _ = candidates
        assert first.campaign()
        ended()
        assert first.keep()
        assert not second.campaign()

    def test_by_its_own_clock_it_leads_no_longer_than_its_term(
        self, candidates: list[Candidate], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, *_ = candidates
        monkeypatch.setattr("background_tasks.leading.ticks", lambda: 100.0)
        assert first.campaign()
        monkeypatch.setattr("background_tasks.leading.ticks", lambda: 102.9)
        assert first.leads(first.term)
        monkeypatch.setattr("background_tasks.leading.ticks", lambda: 103.1)
        assert not first.leads(first.term)


class TestFileLock(LeadershipContract):
    @pytest.fixture
    def make(self, tmp_path: Path) -> Callable[[], LeaderLock]:
        return lambda: FileLock(tmp_path / "scheduler.lock")


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="The lock is PostgreSQL's")
class TestAdvisoryLock(LeadershipContract):
    @pytest.fixture
    def make(self) -> Callable[[], LeaderLock]:
        return AdvisoryLock

    def test_what_a_frozen_leader_has_open_is_ended(self, candidates: list[Candidate]) -> None:
        first, second, _ = candidates
        assert first.campaign()
        frozen = connection.copy()
        try:
            with frozen.cursor() as cursor:
                cursor.execute("SELECT set_config('application_name', %s, false)", [first.name])
            ended()
            assert second.campaign()
            assert not frozen.is_usable()
        finally:
            frozen.close()

    def test_a_lock_whose_connection_is_cut_is_not_held(self, locks: list[LeaderLock]) -> None:
        first, second, _ = locks
        assert first.take()
        assert not second.take()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
        assert not first.take()
        assert first.take()
