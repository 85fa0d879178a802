"""The jobs: what is done without anybody asking, and when."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from background_tasks.backups.making import backup_create
from background_tasks.backups.rehearsing import backup_rehearse
from background_tasks.reports.making import reports_make_due
from background_tasks.retention import ACCESS, HISTORY, retention_apply
from learning.insights.services import insights_make
from learning.tutoring.services import sessions_abandon
from rag.calibration import calibrate_if_due
from rag.followers import follow_all
from rag.integrity.checking import shared_check
from rag.questions import questions_check


@dataclass(frozen=True, slots=True)
class Due:
    """What a job is told of its run."""

    slot: datetime
    """The time it was due, which may be hours ago if nothing ran then: what it does is done as of then."""
    stopped: Callable[[], bool]
    """Whether to come to an end: the process is told to, or leads no more. A run that has been told so is begun again
    by whoever leads next."""
    term: int = 0
    """Each later leader has a higher one, so what is written elsewhere can refuse a lower one. 0 in the foreground."""


Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    title: str
    schedule: str
    """Minute, hour, day, month, weekday, in UTC, as cron has them, or seconds before these; JOB_SCHEDULES may say
    otherwise."""
    run: Callable[[Due], Counts]
    """Done again for the same slot it does no harm. Raises whatever went wrong."""
    whole: bool = False
    """What it does and that it is done are one transaction: of a second or so, and of the database alone. Then it is
    done exactly once, whoever is killed."""
    every_slot_within: timedelta | None = None
    """Missed slots that are not older are all run, one after the other; None: only the newest."""


def _retention(due: Due) -> Counts:
    return retention_apply(now=due.slot, stopped=due.stopped, only=HISTORY)


def _tokens(due: Due) -> Counts:
    return retention_apply(now=due.slot, stopped=due.stopped, only=ACCESS)


def _index_check(due: Due) -> Counts:
    rows = shared_check(slot=due.slot, stopped=due.stopped)
    return {
        "checked": sum(row.checked for row in rows),
        "faults": sum(row.faults for row in rows),
        "mended": sum(row.repaired for row in rows),
    }


def _calibration(due: Due) -> Counts:
    return {"calibrated": int(calibrate_if_due() is not None)}


def _questions(due: Due) -> Counts:
    follow_all(shared=False)  # nobody else may have done so on this machine
    run = questions_check()
    return {"passed": run.passed, "failed": run.failed}


def _daily_report(due: Due) -> Counts:
    return reports_make_due(now=due.slot)


def _backup(due: Due) -> Counts:
    made = backup_create(stopped=due.stopped)
    lost, removed = len(made.manifest.lost), len(made.removed)
    return {"rows": made.rows, "files": made.manifest.files, "lost": lost, "bytes": made.size, "removed": removed}


def _rehearsal(due: Due) -> Counts:
    return backup_rehearse()


def _insights(due: Due) -> Counts:
    return {"insights": insights_make(now=due.slot)}


def _tutoring(due: Due) -> Counts:
    return {"given up": sessions_abandon(now=due.slot)}


JOBS: tuple[Job, ...] = (
    Job("backup", "Back up the database and the original files", "0 1 * * sun", _backup),
    Job("index_check", "Compare files, passages, vectors and shared indexes, and mend them", "0 1 * * *", _index_check),
    Job("retention", "Remove what is older than it is kept", "0 2 * * *", _retention),
    Job("tokens", "Remove expired tokens, links, log-ins and keys", "0 3 * * *", _tokens),
    Job("insights", "Look for what may help each learner", "20 3 * * *", _insights),
    Job("tutoring", "Give up tutoring in which nobody writes any more", "40 3 * * *", _tutoring),
    Job("restore_rehearsal", "Try out that the newest backup can be restored", "0 4 * * sun", _rehearsal),
    Job("questions", "Ask the golden questions", "30 4 * * *", _questions),
    Job("daily_report", "Make and mail the report of the day before", "0 8 * * *", _daily_report),
    Job("calibration", "Fit the confidence where much has changed", "20 * * * *", _calibration),
)
