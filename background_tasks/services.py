"""The rows of runs, from the first attempt to the end. Whoever changes one names the state in which it was seen."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from background_tasks.jobs import Counts, Job
from background_tasks.leading import term_assure
from background_tasks.models import OPEN, JobRun, State
from users.audit import audit_record
from users.models import User
from users.outbox import admins_notify
from utils.errors import GroundedError

logger = logging.getLogger(__name__)
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15))
"""After each failed attempt; one more, and the run has failed."""
SILENCE = timedelta(seconds=15)
"""Without a sign of life for so long, the process of a run in the foreground is taken for dead."""
_NOTICE_EVERY = timedelta(hours=20)
"""Of a job that fails again and again."""
_KILLED = "The process that ran it was ended."


def run_begin(*, job: Job, slot: datetime, worker: str, term: int) -> JobRun | None:
    """The run of a slot, which is the caller's; None if there is one, or another run of the job is open.

    Raises LeadershipLost.
    """
    try:
        with transaction.atomic():
            term_assure(term)
            return JobRun.objects.create(job=job.name, slot=slot, worker=worker, term=term, started_at=timezone.now())
    except IntegrityError:
        return None


def run_take(*, run: JobRun, worker: str, term: int) -> bool:
    """Go on with a run that is asked for or waits, or whose process is dead. False: somebody else has changed it.

    Raises LeadershipLost.
    """
    died = run.state == State.RUNNING
    if died and run.attempt > len(PAUSES):
        run_fail(run=run, error=_KILLED)
        return False
    with transaction.atomic():
        term_assure(term)
        return _change(
            run,
            state=State.RUNNING,
            attempt=run.attempt + died,
            worker=worker,
            term=term,
            started_at=timezone.now(),
            due_at=None,
        )


def run_ask(*, job: Job, actor: User | None) -> JobRun:
    """Have a scheduler run a job now. If a run of it is open, that is the one; if it waits, it does not any longer."""
    foreground_close_dead()
    with transaction.atomic():
        run = _ask(job)
        audit_record(actor=actor, action="job.run", object_type="job", object_id=job.name, detail={"run": str(run.pk)})
    return run


def _ask(job: Job) -> JobRun:
    while True:
        open_runs = JobRun.objects.filter(job=job.name, state__in=OPEN)
        open_runs.filter(state=State.WAITING).update(due_at=timezone.now())
        if run := open_runs.first():
            return run
        now = timezone.now()
        try:
            with transaction.atomic():
                return JobRun.objects.create(job=job.name, slot=now, by_hand=True, state=State.ASKED, started_at=now)
        except IntegrityError:
            continue  # somebody else has asked at the same moment


def run_begin_foreground(*, job: Job, worker: str) -> JobRun | None:
    """A run by hand that the caller makes at once, and gives signs of life of; None if a run of the job is open."""
    foreground_close_dead()
    now = timezone.now()
    try:
        with transaction.atomic():
            run = JobRun.objects.create(
                job=job.name, slot=now, by_hand=True, worker=worker, started_at=now, alive_at=now
            )
            audit_record(
                actor=None, action="job.run", object_type="job", object_id=job.name, detail={"run": str(run.pk)}
            )
            return run
    except IntegrityError:
        return None


def foreground_close_dead() -> None:
    """End the runs of run_job whose process is dead."""
    silent = JobRun.objects.filter(state=State.RUNNING, term=0, alive_at__lt=timezone.now() - SILENCE)
    silent.update(state=State.FAILED, ended_at=timezone.now(), error=_KILLED)


def run_alive(*, run: JobRun) -> None:
    JobRun.objects.filter(pk=run.pk, state=State.RUNNING).update(alive_at=timezone.now())


def run_done(*, run: JobRun, counts: Counts) -> bool:
    """False: it has been taken over."""
    return _change(run, state=State.DONE, ended_at=timezone.now(), counts=dict(counts), error="")


def run_interrupted(*, run: JobRun) -> bool:
    """Whoever leads next begins the same attempt again."""
    return _change(run, state=State.WAITING, due_at=timezone.now(), error="Interrupted: the scheduler was stopped.")


def run_fail(*, run: JobRun, error: str) -> None:
    """Have it tried again after a pause; after the last one it has failed, and the admins are told.

    Who runs a job by hand sees for themselves: it is not tried again.
    """
    if not run.by_hand and run.attempt <= len(PAUSES):
        due = timezone.now() + PAUSES[run.attempt - 1]
        _change(run, state=State.WAITING, attempt=run.attempt + 1, due_at=due, error=error)
        return
    with transaction.atomic():
        if not _change(run, state=State.FAILED, ended_at=timezone.now(), error=error) or run.by_hand:
            return
        told = JobRun.objects.filter(job=run.job, noticed=True, ended_at__gt=timezone.now() - _NOTICE_EVERY)
        if not told.exists():
            _change(run, noticed=True)
            admins_notify(subject=f"The job {run.job} has failed", text=_letter(run))


def run_drop(*, run: JobRun) -> None:
    """End a run of a job that an update has taken away."""
    _change(run, state=State.FAILED, ended_at=timezone.now(), error="There is no such job any more.")


def error_text(error: Exception) -> str:
    """What admins may read: of what was not foreseen only the kind, since its words may hold anything."""
    if isinstance(error, GroundedError):
        return error.detail
    return f"{type(error).__name__}: a fault that was not foreseen; the scheduler's log has it."


def _letter(run: JobRun) -> str:
    tries = "once" if run.attempt == 1 else f"{run.attempt} times"
    return (
        f"The job {run.job}, due on {run.slot:%Y-%m-%d at %H:%M} UTC, was tried {tries} and has failed.\n\n"
        f"{run.error}\n\n"
        "It runs again at its next time. To run it now, open Jobs on the admin site, or use "
        f"`manage.py run_job {run.job}`.\n"
        f"No other mail about this job is sent for {_NOTICE_EVERY // timedelta(hours=1)} hours."
        + (f"\n\n{settings.PUBLIC_URL}/admin/background_tasks/jobrun/" if settings.PUBLIC_URL else "")
    )


def _change(run: JobRun, **values: Any) -> bool:
    """Change the run if it is still as it was seen; ``run`` then shows it."""
    seen: Mapping[str, Any] = {name: getattr(run, name) for name in ("pk", "state", "attempt", "worker", "term")}
    if not JobRun.objects.filter(**seen).update(**values):
        return False
    for name, value in values.items():
        setattr(run, name, value)
    return True
