"""The numbers of a report: what each room tells of its own, put together.

What rows tell of the day is the same whenever it is counted (:func:`day_counted`). The state of the knowledge base is
that of the moment it is looked at (:func:`state_found`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Q

from background_tasks.models import JobRun, State
from background_tasks.reports.days import Day
from background_tasks.reports.prices import priced, total
from chat import activity
from chat.activity import Interval
from documents.models import PENDING_STATES
from documents.models import State as VersionState
from rag import selectors
from rag.gap_groups import gaps_grouped_of

MOST_DOCUMENTS = 10
MOST_GROUPS = 10
_MOST_GAPS = 50


def day_counted(day: Day) -> dict[str, Any]:
    within, hours = day.interval, day.hours()
    questions = dict(activity.questions(within, hours))
    by_hour = zip(hours, questions.pop("by_part"), strict=True)
    models = priced(activity.models(within))
    return {
        "people": dict(activity.people(within)),
        "questions": {
            **questions,
            "by_hour": [{"begins": told(hour.begins), "questions": count} for hour, count in by_hour],
        },
        "answers": dict(activity.answers(within)),
        "feedback": dict(activity.ratings(within)),
        "response_ms": activity.response_times_within(within) or {"count": 0, "p50": None, "p95": None},
        "models": models,
        "cost": total(models),
        "usage": {"utc_day": day.date.isoformat(), **activity.usage(day.date)},
        "documents": [
            {**row, "document_id": str(row["document_id"])}
            for row in activity.documents_cited(within, most=MOST_DOCUMENTS)
        ],
        "failures": dict(activity.failures(within)),
        "tools": dict(activity.tools(within)),
        "searches_by_words": activity.searches_by_words(within),
        "jobs": _jobs(within),
    }


def state_found(day: Day, *, now: datetime) -> dict[str, Any]:
    return {
        "taken_at": told(now),
        "main_model": settings.RAG["GENERATORS"][0].rpartition(".")[2],
        "index": _index(),
        "unused": _unused(day),
        "gaps": _gaps(day),
    }


def told(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _jobs(within: Interval) -> list[dict[str, Any]]:
    """Runs that ended then."""
    runs = JobRun.objects.filter(within.holds("ended_at")).values("job").order_by("job")
    done, failed = Q(state=State.DONE), Q(state=State.FAILED)
    return [dict(row) for row in runs.annotate(done=Count("pk", filter=done), failed=Count("pk", filter=failed))]


def _index() -> dict[str, Any]:
    found = selectors.status()
    versions: Mapping[str, int] = found["versions"]
    check = found["last_check"]
    return {
        "documents": found["documents"],
        "passages": found["chunks"],
        "pending": sum(versions[state] for state in PENDING_STATES),
        "failed": versions[VersionState.FAILED],
        "quarantined": versions[VersionState.QUARANTINED],
        "indexes": [dict(index) for index in found["indexes"]],
        "check": check and {"ended": told(check["ended"]), "faults": check["faults"], "left": check["left"]},
    }


def _unused(day: Day) -> dict[str, Any]:
    days: int = settings.REPORTS["UNUSED_DAYS"]
    unused = activity.documents_unused(Interval(day.shifted(1 - days).begins, day.ends))
    rows = unused.values_list("pk", "title")[:MOST_DOCUMENTS]
    return {
        "days": days,
        "count": unused.count(),
        "documents": [{"document_id": str(key), "title": title} for key, title in rows],
    }


def _gaps(day: Day) -> dict[str, Any]:
    """No words, which are somebody's: they are read when they are shown, as long as they are there."""
    grouped = gaps_grouped_of(begins=day.begins, ends=day.ends)
    return {
        "questions": sum(len(group.gaps) for group in grouped.groups),
        "groups": len(grouped.groups),
        "by_meaning": grouped.by_meaning,
        "top": [
            {"gaps": group.ids[:_MOST_GAPS], "times": group.times, "not_helpful": group.not_helpful}
            for group in grouped.groups[:MOST_GROUPS]
        ],
    }
