"""Figures of courses, of those who take them and of those who teach them, each by a few queries.

They are exact. Who may be told them so, and who in steps only, is for whoever asks to know.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Avg, Count, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from learning.courses.catalogue import ENOUGH_RATINGS, LATELY
from learning.courses.levels import level_begins, level_of, streak_on
from learning.courses.selectors import learner_of
from learning.models import (
    Certificate,
    Course,
    CourseState,
    Enrolment,
    EnrolmentStatus,
    Rating,
    TopicCompletion,
)
from users.models import User

ENOUGH_ENROLMENTS = 10
"""For a share of them to say something of a course."""


@dataclass(frozen=True, slots=True)
class Instructor:
    username: str
    name: str
    courses: int
    rating: float | None
    ratings_given: int


@dataclass(frozen=True, slots=True)
class Completion:
    course: Course
    enrolled: int
    """Whoever has ever been."""
    completed: int


def learner_figures(user: User) -> dict[str, Any]:
    """How far somebody is: level, points, days in a row, and how much of what they have completed."""
    learner = learner_of(user)
    level = level_of(learner.xp)
    of_state = dict(Enrolment.objects.filter(user=user).order_by().values_list("status").annotate(many=Count("pk")))
    return {
        "level": level,
        "xp": learner.xp,
        "next_level_xp": level_begins(level + 1),
        "streak_days": streak_on(learner, timezone.now().date()),
        "longest_streak_days": learner.longest_streak_days,
        "active_on": learner.active_on,
        "tier": learner.tier,
        "courses_active": of_state.get(EnrolmentStatus.ACTIVE, 0),
        "courses_completed": of_state.get(EnrolmentStatus.COMPLETED, 0),
        "topics_completed": TopicCompletion.objects.filter(enrolment__user=user).count(),
    }


def taught_figures(*, instructor: User) -> QuerySet[Course]:
    """The courses that somebody teaches, with how many are ``active``, ``completed`` and ``dropped``, the mean
    ``progress`` of the active ones, ``rating`` and ``ratings_given``."""
    rated = Rating.objects.filter(course=OuterRef("pk")).order_by().values("course")
    status = {str(one): Count("enrolments", filter=Q(enrolments__status=one)) for one in EnrolmentStatus}
    return (
        Course.objects.filter(instructor=instructor)
        .annotate(
            **status,
            progress=Avg("enrolments__progress", filter=Q(enrolments__status=EnrolmentStatus.ACTIVE)),
            rating=Subquery(rated.annotate(mean=Avg("stars")).values("mean")),
            ratings_given=Subquery(rated.annotate(many=Count("pk")).values("many")),
        )
        .order_by("title", "id")
    )


def courses_below(*, completion: int, most: int) -> list[Completion]:
    """Approved courses that less than so many per cent of who enrolled have completed, the worst first. Courses of few
    enrolments are left out.
    """
    done = Count("pk", filter=Q(status=EnrolmentStatus.COMPLETED))
    rows = (
        Enrolment.objects.filter(course__state=CourseState.APPROVED)
        .order_by()
        .values("course")
        .annotate(enrolled=Count("pk"), completed=done, share=done * 100 / Count("pk"))
        .filter(enrolled__gte=ENOUGH_ENROLMENTS, share__lt=completion)
        .order_by("share", "course")[:most]
    )
    figures = {row["course"]: row for row in rows}
    courses = Course.objects.select_related("instructor").in_bulk(figures)
    return [Completion(courses[key], row["enrolled"], row["completed"]) for key, row in figures.items()]


def platform_figures() -> dict[str, dict[str, int]]:
    """Accounts by role, courses by state, enrolments by status, and what came of the last days."""
    since: datetime = timezone.now() - LATELY
    accounts = User.objects.filter(is_active=True).order_by().values_list("role").annotate(many=Count("pk"))
    courses = Course.objects.order_by().values_list("state").annotate(many=Count("pk"))
    enrolments = Enrolment.objects.order_by().values_list("status").annotate(many=Count("pk"))
    return {
        "accounts": dict(accounts),
        "courses": dict(courses),
        "enrolments": dict(enrolments),
        "lately": {
            "enrolments": Enrolment.objects.filter(enrolled_at__gte=since).count(),
            "certificates": Certificate.objects.filter(issued_at__gte=since).count(),
        },
    }


def instructors(*, name: str, most: int) -> list[Instructor]:
    """Who teaches approved courses, and whose user name and name hold every word; the best rated first."""
    found = User.objects.filter(is_active=True, courses_taught__state=CourseState.APPROVED)
    for word in name.split():
        found = found.filter(Q(username__icontains=word) | Q(first_name__icontains=word) | Q(last_name__icontains=word))
    mean = _rated().filter(course__instructor=OuterRef("pk")).values("course__instructor").annotate(mean=Avg("stars"))
    best = found.annotate(mean=Subquery(mean.values("mean"))).order_by(F("mean").desc(nulls_last=True), "username")
    return _instructors(best.values_list("pk", flat=True).distinct()[:most])


def instructors_top(*, most: int) -> list[Instructor]:
    """Those whose courses enough people have rated, the best first."""
    rated = _rated().filter(course__instructor__is_active=True).values("course__instructor")
    enough = rated.annotate(mean=Avg("stars"), many=Count("pk")).filter(many__gte=ENOUGH_RATINGS)
    best = enough.order_by("-mean", "-many", "course__instructor")
    return _instructors(best.values_list("course__instructor", flat=True)[:most])


def _rated() -> QuerySet[Rating]:
    return Rating.objects.filter(course__state=CourseState.APPROVED).order_by()


def _instructors(ids: Iterable[int]) -> list[Instructor]:
    keys = list(ids)
    rated = _rated().filter(course__instructor=OuterRef("pk")).values("course__instructor")
    taught = Count("courses_taught", filter=Q(courses_taught__state=CourseState.APPROVED))
    rows = User.objects.filter(pk__in=keys).annotate(
        courses=taught,
        rating=Subquery(rated.annotate(mean=Avg("stars")).values("mean")),
        ratings_given=Subquery(rated.annotate(many=Count("pk")).values("many")),
    )
    found = {
        row.pk: Instructor(row.username, name_of(row), row.courses, row.rating, row.ratings_given or 0) for row in rows
    }
    return [found[key] for key in keys]


def name_of(user: User | None) -> str:
    return (user.get_full_name() or user.username) if user else "nobody"
