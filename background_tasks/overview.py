"""The jobs as an admin sees them: when they run, and how they ran."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from background_tasks.jobs import JOBS, Job
from background_tasks.models import OPEN, JobRun, State
from background_tasks.schedules import OFF, next_slot, schedule_of, trigger_of
from background_tasks.selectors import last_runs, scheduler_leads
from utils.errors import NotFound


@dataclass(frozen=True, slots=True)
class JobOverview:
    name: str
    title: str
    schedule: str
    next_at: datetime | None
    """None: it is off."""
    last_runs: Sequence[JobRun]
    """The newest first."""

    @property
    def last(self) -> JobRun | None:
        return self.last_runs[0] if self.last_runs else None

    @property
    def is_open(self) -> bool:
        return any(run.state in OPEN for run in self.last_runs)


def job_get(*, name: str) -> Job:
    """Raises NotFound."""
    for job in JOBS:
        if job.name == name:
            return job
    raise NotFound("There is no job of this name.")


def jobs_overview() -> list[JobOverview]:
    runs = last_runs([job.name for job in JOBS])
    return [_overview(job, runs[job.name]) for job in JOBS]


def _overview(job: Job, runs: Sequence[JobRun]) -> JobOverview:
    schedule = schedule_of(job)
    trigger = trigger_of(schedule)
    next_at = next_slot(trigger, timezone.now()) if trigger else None
    return JobOverview(job.name, job.title, OFF if trigger is None else schedule, next_at, runs)


def run_outlook(run: JobRun) -> str:
    """What becomes of a run that has not begun."""
    if run.state in (State.RUNNING, State.DONE, State.FAILED):
        return ""
    if scheduler_leads():
        return "A scheduler begins it within a second."
    return "No scheduler is running: it begins once one is started, with manage.py run_scheduler."
