"""The jobs: what is done without anybody asking, and when."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from background_tasks.retention import ACCESS, HISTORY, retention_apply


@dataclass(frozen=True, slots=True)
class Due:
    """What a job is told of its run."""

    slot: datetime
    """The time it was due, which may be hours ago if nothing ran then: what it does is done as of then."""
    stopped: Callable[[], bool]
    """Whether to come to an end: the process is told to, or leads no more. What is undone is done at the next run."""


Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    title: str
    schedule: str
    """Minute, hour, day, month, weekday, in UTC, as cron has them; JOB_SCHEDULES may say otherwise."""
    run: Callable[[Due], Counts]
    """Done again for the same slot it does no harm. Raises whatever went wrong."""


def _retention(due: Due) -> Counts:
    return retention_apply(now=due.slot, stopped=due.stopped, only=HISTORY)


def _expired_tokens(due: Due) -> Counts:
    return retention_apply(now=due.slot, stopped=due.stopped, only=ACCESS)


JOBS: tuple[Job, ...] = (
    Job("retention", "Remove what is older than it is kept", "0 2 * * *", _retention),
    Job("expired_tokens", "Remove what people came in by and cannot any more", "0 3 * * *", _expired_tokens),
)
