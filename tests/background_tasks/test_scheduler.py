"""Each slot of each job is run once, whoever leads, is late, fails, freezes or is stopped."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from background_tasks.jobs import Due, Job
from background_tasks.leader_locks import FileLock
from background_tasks.leading import Candidate
from background_tasks.models import JobRun, Leadership, State
from background_tasks.scheduler import Scheduler
from tests.mails import delivered
from tests.serving import soon
from users.models import Role, User

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass
class Stage:
    """Schedulers that look when they are told to, at times that the test chooses."""

    folder: Path
    now: datetime = NOON
    ran: list[Due] = field(default_factory=list)
    schedulers: list[Scheduler] = field(default_factory=list)
    stops: list[threading.Event] = field(default_factory=list)
    work: Callable[[Due], None] = lambda due: None

    def job(self, schedule: str = "* * * * *", *, whole: bool = False, every: timedelta | None = None) -> Job:
        def run(due: Due) -> dict[str, int]:
            self.ran.append(due)
            self.work(due)
            return {"runs": 1}

        return Job("work", "Work", schedule, run, whole=whole, every_slot_within=every)

    def scheduler(self, *jobs: Job, name: str = "first") -> Scheduler:
        stop = threading.Event()
        self.stops.append(stop)
        candidate = Candidate(name=name, lock=FileLock(self.folder / "scheduler.lock"))
        self.schedulers.append(Scheduler(jobs=jobs, candidate=candidate, stop=stop))
        return self.schedulers[-1]

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)

    def freeze_leader(self) -> None:
        """It has not renewed its term."""
        Leadership.objects.update(until=datetime(2000, 1, 1, tzinfo=UTC))

    def slots(self) -> list[str]:
        return [f"{due.slot:%H:%M:%S}" for due in self.ran]


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    Leadership.objects.create(pk=1, since=NOON)
    made = Stage(tmp_path)
    monkeypatch.setattr(timezone, "now", lambda: made.now)
    yield made
    for stop in made.stops:
        stop.set()
    for scheduler in made.schedulers:
        scheduler.run()  # to its end


def state() -> str:
    return JobRun.objects.latest("slot").state


def settled(*schedulers: Scheduler) -> None:
    """They have looked, and what they have begun has come to an end."""
    for scheduler in schedulers:
        scheduler.look()
    soon(lambda: not JobRun.objects.filter(state=State.RUNNING).exists())


def test_of_several_schedulers_one_runs_each_slot(stage: Stage) -> None:
    pair = [stage.scheduler(stage.job("*/10 * * * * *"), name=name) for name in ("first", "second")]
    settled(*pair)
    assert stage.ran == []  # what was due before there was a scheduler is nobody's concern
    for _ in range(4):
        stage.pass_(seconds=10)
        settled(*pair, *pair)
    assert stage.slots() == ["12:00:10", "12:00:20", "12:00:30", "12:00:40"]
    assert {run.worker for run in JobRun.objects.all()} == {"first"}
    assert JobRun.objects.filter(state=State.DONE, counts={"runs": 1}).count() == 4


def test_after_a_pause_the_newest_missed_slot_is_run(stage: Stage) -> None:
    settled(stage.scheduler(stage.job("0 8 * * *")))
    stage.pass_(days=5)
    late = stage.scheduler(stage.job("0 8 * * *"), name="second")
    stage.freeze_leader()
    settled(late, late)
    assert [due.slot for due in stage.ran] == [datetime(2026, 11, 26, 8, tzinfo=UTC)]
    settled(late)
    assert len(stage.ran) == 1


def test_a_job_may_have_all_its_missed_slots_run_in_turn(stage: Stage) -> None:
    scheduler = stage.scheduler(stage.job(every=timedelta(minutes=3)))
    settled(scheduler)
    stage.pass_(minutes=5)
    settled(scheduler)
    settled(scheduler)
    settled(scheduler)
    settled(scheduler)
    assert stage.slots() == ["12:03:00", "12:04:00", "12:05:00"]


def test_a_job_that_overruns_its_next_slot_is_not_run_twice_at_once(stage: Stage) -> None:
    go_on = threading.Event()

    def work(due: Due) -> None:
        go_on.wait(5)

    stage.work = work
    scheduler = stage.scheduler(stage.job())
    settled(scheduler)
    for _ in range(3):
        stage.pass_(minutes=1)
        scheduler.look()
    soon(lambda: len(stage.ran) == 1)
    go_on.set()
    soon(lambda: state() == State.DONE)
    settled(scheduler)
    assert stage.slots() == ["12:01:00", "12:03:00"]


def test_a_run_that_fails_is_tried_again_and_the_admins_are_told_once(stage: Stage, user: User) -> None:
    User.objects.filter(pk=user.pk).update(role=Role.ADMIN)

    def fail(due: Due) -> None:
        raise ValueError("the password is 1234")

    stage.work = fail
    scheduler = stage.scheduler(stage.job("0 * * * *"))
    settled(scheduler)
    stage.pass_(hours=1)
    settled(scheduler)
    for attempts, minutes in ((1, 1), (2, 5), (3, 15)):
        assert len(stage.ran) == attempts
        assert state() == State.WAITING
        stage.pass_(minutes=minutes - 0.1)
        settled(scheduler)
        assert len(stage.ran) == attempts
        assert delivered() == []
        stage.pass_(minutes=0.1)
        settled(scheduler)
    run = JobRun.objects.get()
    assert (run.state, run.attempt, run.noticed, len(stage.ran)) == (State.FAILED, 4, True, 4)
    assert "1234" not in run.error
    [mail] = delivered()
    assert (mail.to, mail.subject) == ([user.email], "Grounded: The job work has failed")
    assert run.error in str(mail.body)
    stage.pass_(hours=1)
    for minutes in (0, 1, 5, 15):
        stage.pass_(minutes=minutes)
        settled(scheduler)
    assert JobRun.objects.filter(state=State.FAILED).count() == 2
    assert delivered() == []  # so soon again


@pytest.mark.parametrize(
    "whole",
    [
        False,
        pytest.param(True, marks=pytest.mark.skipif(connection.vendor == "sqlite", reason="nobody else may write")),
    ],
)
def test_a_frozen_leaders_run_is_made_by_the_next_one_and_it_does_nothing_once_awake(stage: Stage, whole: bool) -> None:
    go_on = threading.Event()
    told: list[bool] = []

    def work(due: Due) -> None:
        if len(stage.ran) == 1:
            go_on.wait(5)
            told.append(due.stopped())

    stage.work = work
    job = stage.job(whole=whole)
    first, second = stage.scheduler(job), stage.scheduler(job, name="second")
    settled(first)
    stage.pass_(minutes=1)
    first.look()
    soon(lambda: len(stage.ran) == 1)
    stage.freeze_leader()
    second.look()
    soon(lambda: state() == State.DONE)
    first.look()
    go_on.set()
    soon(lambda: bool(told))
    settled(first, second)
    run = JobRun.objects.get()
    assert (run.state, run.attempt, run.worker) == (State.DONE, 2, "second")
    assert told == [True]
    assert stage.ran[1].term > stage.ran[0].term


def test_a_run_that_kills_its_process_fails_in_the_end(stage: Stage) -> None:
    scheduler = stage.scheduler(stage.job())
    settled(scheduler)
    JobRun.objects.create(job="work", slot=NOON, started_at=NOON, worker="dead", term=1000, attempt=4)
    settled(scheduler)
    run = JobRun.objects.get()
    assert (run.state, run.error, stage.ran) == (State.FAILED, "The process that ran it was ended.", [])


def test_a_run_that_is_told_to_stop_is_begun_again_by_the_next_scheduler(stage: Stage) -> None:
    stopped: list[bool] = []

    def work(due: Due) -> None:
        if len(stage.ran) == 1:
            stage.stops[0].wait(5)
            stopped.append(due.stopped())

    stage.work = work
    first = stage.scheduler(stage.job())
    settled(first)
    stage.pass_(minutes=1)
    first.look()
    stage.stops[0].set()
    first.run()  # to its end, which waits for the job and lets another lead
    assert stopped == [True]
    assert state() == State.WAITING
    settled(stage.scheduler(stage.job(), name="second"))
    run = JobRun.objects.get()
    assert (run.state, run.attempt, run.worker, run.error) == (State.DONE, 1, "second", "")


def test_what_a_whole_job_has_done_is_undone_where_it_fails(stage: Stage) -> None:
    def work(due: Due) -> None:
        User.objects.create_user("half", "half@example.org", "")
        if len(stage.ran) == 1:
            raise ValueError

    stage.work = work
    scheduler = stage.scheduler(stage.job(whole=True))
    settled(scheduler)
    stage.pass_(minutes=1)
    settled(scheduler)
    assert not User.objects.filter(username="half").exists()
    stage.pass_(minutes=1)
    settled(scheduler)
    assert User.objects.filter(username="half").count() == 1
    assert JobRun.objects.get().state == State.DONE


def test_a_job_that_is_off_runs_only_when_asked_for_and_one_that_is_gone_never(stage: Stage) -> None:
    scheduler = stage.scheduler(stage.job("off"))
    settled(scheduler)
    stage.pass_(days=2)
    settled(scheduler)
    assert stage.ran == []
    JobRun.objects.create(job="work", slot=NOON, started_at=NOON, by_hand=True, state=State.ASKED)
    JobRun.objects.create(job="gone", slot=NOON, started_at=NOON, by_hand=True, state=State.ASKED)
    settled(scheduler)
    assert {run.job: run.state for run in JobRun.objects.all()} == {"work": State.DONE, "gone": State.FAILED}
    assert len(stage.ran) == 1
