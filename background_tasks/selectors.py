"""Reads of the runs of jobs."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.db.models import F, Max, Q, QuerySet, Window
from django.db.models.functions import Now, RowNumber

from background_tasks.models import OPEN, JobRun, Leadership, State

LAST_RUNS = 5


def runs_open() -> QuerySet[JobRun]:
    """Those that have not come to their end; of a job one at most."""
    return JobRun.objects.filter(state__in=OPEN)


def last_slots() -> Mapping[str, datetime]:
    """The newest slot of each job that there is a run for, by name."""
    planned = JobRun.objects.filter(by_hand=False).order_by()
    return dict(planned.values_list("job").annotate(newest=Max("slot")))


def last_runs(jobs: Collection[str]) -> Mapping[str, list[JobRun]]:
    """The last runs of each job, the newest first."""
    place = Window(RowNumber(), partition_by=F("job"), order_by=F("slot").desc())
    found: dict[str, list[JobRun]] = {name: [] for name in jobs}
    for run in JobRun.objects.filter(job__in=jobs).annotate(place=place).filter(place__lte=LAST_RUNS).order_by("place"):
        found[run.job].append(run)
    return found


def last_successes() -> Mapping[str, datetime]:
    """When each job that has been done was done last, by name."""
    done = JobRun.objects.filter(state=State.DONE, ended_at__isnull=False).order_by()
    return dict(done.values_list("job").annotate(at=Max("ended_at")))


def runs_old(before: datetime) -> QuerySet[JobRun]:
    """Those that ended before this time. The last of each job stays: it says what has been run since."""
    last = JobRun.objects.filter(by_hand=False).order_by().values("job").annotate(newest=Max("slot")).values("newest")
    return JobRun.objects.filter(ended_at__lt=before).exclude(Q(by_hand=False), slot__in=last)


def scheduler_leads(*, lately: timedelta = timedelta(0)) -> bool:
    """Whether a scheduler is at work, or was a moment ago."""
    return Leadership.objects.filter(until__gt=Now() - lately).exists()


def scheduler_known() -> bool:
    """Whether there ever was one."""
    return Leadership.objects.exists()
