"""What was asked and answered within a time, in numbers: counted from rows, each a grouped query.

Intervals are half open: a message belongs to the one that begins with it, not to the one that ends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum

from chat.models import (
    Citation,
    Feedback,
    Kind,
    Message,
    Outcome,
    Rating,
    Sender,
    Session,
    Status,
    ToolCall,
    Usage,
    VisitorUsage,
)
from documents.models import Document

_ANSWERED = Q(status=Status.COMPLETE, grounded=True)
_REFUSED = Q(status=Status.COMPLETE, grounded=False)
_KEPT = Q(metadata__has_key="cached")
"""Given again from the answers that are kept: nobody was asked, so it cost no tokens."""


@dataclass(frozen=True, slots=True)
class Interval:
    begins: datetime
    ends: datetime
    """Not in it."""

    def holds(self, field: str) -> Q:
        return Q(**{f"{field}__gte": self.begins, f"{field}__lt": self.ends})


def people(within: Interval) -> Mapping[str, int]:
    """Who asked, and where: ``users``, ``visitors``, ``sessions`` with a question, and how many were ``new``."""
    asked = Message.objects.filter(within.holds("timestamp"), sender_type=Sender.USER)
    counts = asked.aggregate(
        users=Count("session__user", distinct=True),
        visitors=Count("session__visitor", distinct=True),
        sessions=Count("session", distinct=True),
    )
    return {**counts, "new_sessions": Session.objects.filter(within.holds("created_at")).count()}


def questions(within: Interval, parts: Sequence[Interval] = ()) -> Mapping[str, Any]:
    """``total``, those of each way of asking, and ``by_part``: how many in each of these intervals."""
    asked = Message.objects.filter(within.holds("timestamp"), sender_type=Sender.USER)
    single = Q(session__kind=Kind.ASSISTANT)
    counts = asked.aggregate(
        total=Count("pk"),
        of_users=Count("pk", filter=Q(session__user__isnull=False) & ~single),
        of_visitors=Count("pk", filter=Q(session__visitor__isnull=False)),
        single=Count("pk", filter=single),
        **{f"part_{place}": Count("pk", filter=part.holds("timestamp")) for place, part in enumerate(parts)},
    )
    return {
        **{name: counts[name] for name in ("total", "of_users", "of_visitors", "single")},
        "by_part": [counts[f"part_{place}"] for place in range(len(parts))],
    }


def answers(within: Interval) -> Mapping[str, int]:
    """How the answers ended that were begun then. The kinds add up to ``total``."""
    return _answers(within).aggregate(
        total=Count("pk"),
        answered=Count("pk", filter=_ANSWERED),
        refused=Count("pk", filter=_REFUSED),
        failed=Count("pk", filter=Q(status=Status.FAILED)),
        stopped=Count("pk", filter=Q(status=Status.STOPPED)),
        unfinished=Count("pk", filter=Q(status=Status.STREAMING)),
        kept=Count("pk", filter=Q(status=Status.COMPLETE) & _KEPT),
    )


def models(within: Interval) -> list[dict[str, Any]]:
    """``model``, ``answers``, ``kept`` among them, and tokens of each model that wrote a whole answer.

    Of an answer that failed or was stopped nobody knows the tokens.
    """
    rows = _answers(within).filter(status=Status.COMPLETE).values("model").order_by("model")
    counted = rows.annotate(
        answers=Count("pk"),
        kept=Count("pk", filter=_KEPT),
        prompt_tokens=Sum("prompt_tokens", filter=~_KEPT, default=0),
        completion_tokens=Sum("completion_tokens", filter=~_KEPT, default=0),
    )
    return [dict(row) for row in counted]


def failures(within: Interval) -> Mapping[str, int]:
    """Answers that failed, by the code of the error."""
    failed = _answers(within).filter(status=Status.FAILED)
    rows = failed.values_list("metadata__error").annotate(count=Count("pk"))
    found: dict[str, int] = {}
    for code, count in rows.order_by():
        found[str(code or "unknown")] = found.get(str(code or "unknown"), 0) + count
    return dict(sorted(found.items()))


def searches_by_words(within: Interval) -> int:
    """Answers whose search went by words alone although there was an embedder: it could not be asked."""
    alone = _answers(within).filter(trace__search__mode="lexical")
    return alone.exclude(trace__search__settings__embedder="").count()


def tools(within: Interval) -> Mapping[str, int]:
    """Calls of tools: all, and those that failed."""
    calls = ToolCall.objects.filter(within.holds("at"))
    return calls.aggregate(total=Count("pk"), failed=Count("pk", filter=Q(outcome=Outcome.FAILED)))


def ratings(within: Interval) -> Mapping[str, int]:
    """What was said then of answers of any day, and has not been changed since."""
    return Feedback.objects.filter(within.holds("at")).aggregate(
        helpful=Count("pk", filter=Q(rating=Rating.HELPFUL)),
        not_helpful=Count("pk", filter=Q(rating=Rating.NOT_HELPFUL)),
    )


def response_times(messages: QuerySet[Message]) -> dict[str, int]:
    """Of the answers among them: ``count``, and the milliseconds that half of them and 95 in 100 took at most.

    By nearest rank: each is a time that an answer took. Nothing where there is none.
    """
    took = messages.filter(sender_type=Sender.BOT, response_time_ms__isnull=False).order_by("response_time_ms")
    count = took.count()
    if not count:
        return {}
    milliseconds = took.values_list("response_time_ms", flat=True)
    at = {name: milliseconds[max(0, ceil(count * share) - 1)] or 0 for name, share in (("p50", 0.5), ("p95", 0.95))}
    return {"count": count, **at}


def response_times_within(within: Interval) -> dict[str, int]:
    """Of the whole answers, refusals too."""
    return response_times(_answers(within).filter(status=Status.COMPLETE))


def documents_cited(within: Interval, *, most: int) -> list[dict[str, Any]]:
    """``document_id``, ``title`` as it was cited, ``citations`` and ``answers``, the most cited first."""
    rows = Citation.objects.filter(within.holds("message__timestamp")).values("document_id").order_by()
    counted = rows.annotate(title=Max("title"), citations=Count("pk"), answers=Count("message", distinct=True))
    return [dict(row) for row in counted.order_by("-citations", "document_id")[:most]]


def documents_unused(within: Interval) -> QuerySet[Document]:
    """What was published all the time and cited by no answer of it, the longest published first."""
    used = Citation.objects.filter(within.holds("message__timestamp")).order_by().values("document_id").distinct()
    there = Document.objects.filter(published__isnull=False, created_at__lt=within.begins)
    return there.exclude(pk__in=used).order_by("created_at", "pk")


def usage(day: date) -> Mapping[str, int]:
    """What counts against the limits on a day of UTC: saved and stateless answers alike (chat/stateless.py)."""
    found = {"accounts": Usage.objects.filter(day=day).count()}
    for rows in (Usage.objects.filter(day=day), VisitorUsage.objects.filter(day=day)):
        for name in ("answers", "prompt_tokens", "completion_tokens"):
            found[name] = found.get(name, 0) + rows.aggregate(sum=Sum(name, default=0))["sum"]
    return found


def _answers(within: Interval) -> QuerySet[Message]:
    return Message.objects.filter(within.holds("timestamp"), sender_type=Sender.BOT).order_by()
