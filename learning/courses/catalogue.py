"""Courses as they are looked for: by what, in which order, and with which figures."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Avg, Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from learning.courses.selectors import MEMBER, courses_visible
from learning.models import Course, CourseState, Enrolment, Rating
from users.models import User

SMALLEST_GROUP = 5
"""Of people. Of fewer nothing is told, and how many there are is told in steps of so many."""
ENOUGH_RATINGS = 5
"""To be among the top rated."""
LATELY = timedelta(days=30)


class Sort(models.TextChoices):
    TITLE = "title", "By title"
    NEWEST = "newest", "Newest first"
    CHEAPEST = "price", "Cheapest first"
    DEAREST = "-price", "Most expensive first"
    RATING = "rating", "Best rated first"
    POPULARITY = "popularity", "Most members first"


_ORDERS: dict[str, tuple[Any, ...]] = {
    Sort.TITLE: ("title",),
    Sort.NEWEST: ("-created_at",),
    Sort.CHEAPEST: ("price", "title"),
    Sort.DEAREST: ("-price", "title"),
    Sort.RATING: (F("rating").desc(nulls_last=True), "-ratings_given", "title"),
    Sort.POPULARITY: ("-members", "title"),
}


def _figures() -> dict[str, Any]:
    """What is added to courses: ``rating`` (None without any), ``ratings_given`` and ``members``."""
    rated = Rating.objects.filter(course=OuterRef("pk")).order_by().values("course")
    members = Enrolment.objects.filter(course=OuterRef("pk"), status__in=MEMBER).order_by().values("course")
    return {
        "rating": Subquery(rated.annotate(mean=Avg("stars")).values("mean")),
        "ratings_given": Coalesce(Subquery(rated.annotate(many=Count("pk")).values("many")), 0),
        "members": Coalesce(Subquery(members.annotate(many=Count("pk")).values("many")), 0),
    }


_ORDERED_BY = {Sort.RATING: ("rating", "ratings_given"), Sort.POPULARITY: ("members",)}


def in_steps(people: int) -> int:
    """So many people as are told of: rounded down, so that no difference of two numbers names a few."""
    return people - people % SMALLEST_GROUP


def courses_found(
    *,
    viewer: User,
    q: str = "",
    category: str = "",
    difficulty: str = "",
    price_min: Decimal | None = None,
    price_max: Decimal | None = None,
    instructor: str = "",
    state: str = "",
    sort: str = Sort.TITLE,
) -> QuerySet[Course]:
    """Courses that the viewer sees and that fit every condition that is given.

    To find the figures of all of them takes long: :func:`shown` adds those of the few that are shown. ``q`` is words,
    each of which stands in title, description or category; ``instructor`` a user name.
    """
    found = courses_visible(viewer)
    for word in q.split():
        found = found.filter(Q(title__icontains=word) | Q(description__icontains=word) | Q(category__icontains=word))
    exact = {
        "category__iexact": category,
        "difficulty": difficulty,
        "instructor__username__iexact": instructor,
        "state": state,
    }
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if price_min is not None:
        found = found.filter(price__gte=price_min)
    if price_max is not None:
        found = found.filter(price__lte=price_max)
    figures = _figures()
    needed = {name: figures[name] for name in _ORDERED_BY.get(Sort(sort), ())}
    return found.annotate(**needed).order_by(*_ORDERS[sort], "id")


def with_figures(courses: QuerySet[Course]) -> QuerySet[Course]:
    return courses.select_related("instructor").annotate(**_figures())


def shown(courses: Iterable[Course | int]) -> list[Course]:
    """These courses, or those of these ids, in their order and with their figures."""
    keys = [one.pk if isinstance(one, Course) else one for one in courses]
    found = {course.pk: course for course in with_figures(Course.objects.filter(pk__in=keys))}
    return [found[key] for key in keys if key in found]


def courses_top_rated(*, viewer: User, category: str = "") -> QuerySet[Course]:
    """Approved courses that enough people have rated, the best first."""
    found = courses_found(viewer=viewer, category=category, state=CourseState.APPROVED, sort=Sort.RATING)
    return found.filter(Q(ratings_given__gte=ENOUGH_RATINGS))


def courses_trending(*, most: int) -> list[Course]:
    """Approved courses by how many have enrolled lately and have stayed; those that nobody has are not there."""
    lately = Enrolment.objects.filter(
        enrolled_at__gte=timezone.now() - LATELY, status__in=MEMBER, course__state=CourseState.APPROVED
    )
    counted = lately.order_by().values("course").annotate(many=Count("pk")).order_by("-many", "course")
    return shown(counted.values_list("course", flat=True)[:most])
