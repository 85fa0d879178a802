"""What may be read: by learners their own insights, by teachers of their courses what tells of no single learner."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet

from learning.insights.patterns import LATELY
from learning.models import Agent, Course, Insight, InsightKind, Interaction
from users.models import User
from utils.errors import NotFound

FEWEST = 5
"""Learners of a group of which something is told."""
_EVIDENCE = 20


def insights_of(user: User) -> QuerySet[Insight]:
    """Those that were not dismissed, the latest first."""
    found = Insight.objects.filter(user=user, dismissed_at=None).select_related("course", "topic")
    return found.order_by("-at", "kind", "pk")


def insight_get(*, user: User, insight_id: int) -> Insight:
    """Raises NotFound, for another's too."""
    found = Insight.objects.filter(user=user, pk=insight_id).first()
    if found is None:
        raise NotFound("No insight of yours has this id.")
    return found


def evidence_of(insights: Iterable[Insight]) -> dict[int, list[Interaction]]:
    """The answers of agents that trouble with a topic rests on, the latest first, by insight; in one query for all."""
    told = [insight for insight in insights if insight.kind == InsightKind.STRUGGLING]
    wanted = Q(pk__in=[])
    for insight in told:
        wanted |= Q(
            user=insight.user_id,
            topic=insight.topic_id,
            at__gte=datetime.fromisoformat(insight.figures["since"]),
            at__lte=datetime.fromisoformat(insight.figures["until"]),
        )
    rows = Interaction.objects.filter(wanted).filter(Q(agent=Agent.HINT) | Q(correct__isnull=False)) if told else []
    by_topic = defaultdict[int | None, list[Interaction]](list)
    for row in rows:
        by_topic[row.topic_id].append(row)
    return {insight.pk: by_topic[insight.topic_id][:_EVIDENCE] for insight in told}


@dataclass(frozen=True, slots=True)
class Struggle:
    """What is told of a topic. None: fewer than FEWEST learners are behind it."""

    topic_id: int
    topic_title: str
    learners: int
    hints: int | None
    answers: int | None
    wrong_answers: int | None
    learners_with_wrong_answers: int | None


@dataclass(frozen=True, slots=True)
class Struggles:
    since: datetime
    topics: list[Struggle]
    suppressed: int
    """Topics of which nothing is told."""


def struggles_of(*, course: Course, now: datetime) -> Struggles:
    """What the topics of a course gave trouble with lately, the worst first."""
    since = now - LATELY
    rows = (
        Interaction.objects.filter(topic__module__course=course, at__gte=since, at__lte=now)
        .filter(Q(agent=Agent.HINT) | Q(correct__isnull=False))
        .order_by()
        .values("topic", title=F("topic__title"))
        .annotate(
            learners=Count("user", distinct=True),
            hints=Count("pk", filter=Q(agent=Agent.HINT)),
            asking=Count("user", distinct=True, filter=Q(agent=Agent.HINT)),
            answers=Count("pk", filter=Q(correct__isnull=False)),
            answering=Count("user", distinct=True, filter=Q(correct__isnull=False)),
            wrong=Count("pk", filter=Q(correct=False)),
            failing=Count("user", distinct=True, filter=Q(correct=False)),
        )
    )
    told = [
        Struggle(
            row["topic"],
            row["title"],
            row["learners"],
            row["hints"] if row["asking"] >= FEWEST else None,
            row["answers"] if row["answering"] >= FEWEST else None,
            row["wrong"] if row["failing"] >= FEWEST else None,
            row["failing"] if row["failing"] >= FEWEST else None,
        )
        for row in rows
        if row["learners"] >= FEWEST
    ]
    told.sort(key=lambda one: (-(one.wrong_answers or 0) - (one.hints or 0), one.topic_id))
    return Struggles(since, told, len(rows) - len(told))
