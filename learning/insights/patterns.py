"""The patterns: each found for all learners at once, by one or two queries."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet

from learning.courses.selectors import MEMBER
from learning.models import (
    Agent,
    Course,
    CourseState,
    Difficulty,
    Enrolment,
    EnrolmentStatus,
    Insight,
    InsightKind,
    Interaction,
    Learner,
    TopicCompletion,
)

LATELY = timedelta(days=30)
_TRACKED = timedelta(days=90)
_HALTED, _GIVEN_UP = timedelta(days=14), timedelta(days=120)
_ANSWERS, _HINTS = 3, 5
"""So many answers, half of them wrong, or so many hints, are trouble with a topic."""
_STREAKS = (365, 200, 100, 60, 30, 14, 7)
_READY_PROGRESS, _READY_ANSWERS, _READY_SHARE = 80, 5, 0.8
_NEXT = {Difficulty.EASY: Difficulty.MEDIUM, Difficulty.MEDIUM: Difficulty.HARD}


def struggling(now: datetime) -> Iterator[Insight]:
    """A topic that is not completed, with many hints, or wrong answers to half of the quizzes or more."""
    since = now - LATELY
    member = Enrolment.objects.filter(
        user=OuterRef("user"), course=OuterRef("topic__module__course"), status__in=MEMBER
    ).filter(course__state=CourseState.APPROVED)
    mastered = TopicCompletion.objects.filter(enrolment__user=OuterRef("user"), topic=OuterRef("topic"))
    counted = (
        _between(since, now)
        .filter(Exists(member), ~Exists(mastered))
        .values("user", "topic", "topic__module__course")
        .annotate(**_COUNTS)
        .filter(Q(answered__gte=_ANSWERS, wrong__gte=F("answered") / 2.0) | Q(hints__gte=_HINTS))
    )
    for row in counted.iterator():
        yield Insight(
            user_id=row["user"],
            kind=InsightKind.STRUGGLING,
            subject=f"topic:{row['topic']}",
            course_id=row["topic__module__course"],
            topic_id=row["topic"],
            figures=_figures(since, now, answered=row["answered"], wrong=row["wrong"], hints=row["hints"]),
            at=now,
        )


def stalled(now: datetime) -> Iterator[Insight]:
    """A course that is not completed, in which nothing has been done for two weeks; after some months no longer."""
    halted = now - _HALTED
    asked = Interaction.objects.filter(user=OuterRef("user"), topic__module__course=OuterRef("course"), at__gte=halted)
    completed = TopicCompletion.objects.filter(enrolment=OuterRef("pk"), at__gte=halted)
    rows = (
        Enrolment.objects.filter(
            status=EnrolmentStatus.ACTIVE,
            course__state=CourseState.APPROVED,
            enrolled_at__lt=halted,
            enrolled_at__gte=now - 3 * _GIVEN_UP,
        )
        .filter(~Exists(asked), ~Exists(completed))
        .order_by()
        .values("user", "course", "progress", "enrolled_at")
        .annotate(last=Max("completions__at"))
    )
    for row in rows.iterator():
        last = row["last"] or row["enrolled_at"]
        if last >= now - _GIVEN_UP:
            yield Insight(
                user_id=row["user"],
                kind=InsightKind.STALLED,
                subject=f"course:{row['course']}",
                course_id=row["course"],
                figures={"last_completed": last.isoformat(), "days": (now - last).days, "progress": row["progress"]},
                at=now,
            )


def streaks(now: datetime) -> Iterator[Insight]:
    """A week, two, a month … in a row, still going on."""
    today = now.astimezone(UTC).date()
    rows = Learner.objects.filter(streak_days__gte=_STREAKS[-1], active_on__gte=today - timedelta(days=1))
    for user, days, active_on in rows.values_list("user", "streak_days", "active_on").iterator():
        reached = next(milestone for milestone in _STREAKS if milestone <= days)
        yield Insight(
            user_id=user,
            kind=InsightKind.STREAK,
            subject=f"days:{reached}",
            figures={"days": days, "active_on": str(active_on)},
            at=now,
        )


def ready(now: datetime) -> Iterator[Insight]:
    """A course (nearly) completed, with four of five quizzes right, where a harder one of its kind is offered."""
    onwards = _harder()
    since = now - _TRACKED
    far = Enrolment.objects.filter(
        user=OuterRef("user"),
        course=OuterRef("topic__module__course"),
        status__in=MEMBER,
        progress__gte=_READY_PROGRESS,
    )
    counted = (
        _between(since, now)
        .filter(Exists(far), topic__module__course__in=list(onwards))
        .values("user", "topic__module__course")
        .annotate(**_COUNTS)
        .filter(answered__gte=_READY_ANSWERS, wrong__lte=F("answered") * (1 - _READY_SHARE) + 0.001)
    )
    targets = {target for found in onwards.values() for target in found}
    taken = defaultdict[int, set[int]](set)
    for user, course in Enrolment.objects.filter(course__in=targets).values_list("user", "course").iterator():
        taken[user].add(course)
    for row in counted.iterator():
        user, course = row["user"], row["topic__module__course"]
        offered = [target for target in onwards[course] if target not in taken[user]]
        if offered:
            yield Insight(
                user_id=user,
                kind=InsightKind.READY,
                subject=f"course:{course}",
                course_id=offered[0],
                figures=_figures(since, now, answered=row["answered"], wrong=row["wrong"], after_course=course),
                at=now,
            )


_COUNTS: dict[str, Any] = {
    "answered": Count("pk", filter=Q(correct__isnull=False)),
    "wrong": Count("pk", filter=Q(correct=False)),
    "hints": Count("pk", filter=Q(agent=Agent.HINT)),
}


def _between(since: datetime, now: datetime) -> QuerySet[Any]:
    return Interaction.objects.filter(at__gte=since, at__lte=now, topic__isnull=False).order_by()


def _figures(since: datetime, now: datetime, **counts: int) -> dict[str, Any]:
    return {"since": since.isoformat(), "until": now.isoformat(), **counts}


def _harder() -> dict[int, list[int]]:
    """For each course the approved ones of its category that are one level harder."""
    rows = Course.objects.filter(state=CourseState.APPROVED).exclude(category="").order_by("title", "pk")
    by_level = defaultdict[tuple[str, str], list[int]](list)
    listed = list(rows.values_list("pk", "category", "difficulty"))
    for pk, category, difficulty in listed:
        by_level[category, difficulty].append(pk)
    found = {
        pk: by_level[category, _NEXT[Difficulty(difficulty)]]
        for pk, category, difficulty in listed
        if Difficulty(difficulty) in _NEXT
    }
    return {pk: harder for pk, harder in found.items() if harder}
