"""Courses as they are looked for: by what, in which order, and with which figures."""

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
    """Courses that the viewer sees and that fit every condition that is given, with their figures.

    ``q`` is words, each of which stands in title, description or category; ``instructor`` a user name.
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
    return with_figures(found).order_by(*_ORDERS[sort], "id")


def with_figures(courses: QuerySet[Course]) -> QuerySet[Course]:
    """With ``rating`` (None without any), ``ratings_given`` and ``members``."""
    rated = Rating.objects.filter(course=OuterRef("pk")).order_by().values("course")
    members = Enrolment.objects.filter(course=OuterRef("pk"), status__in=MEMBER).order_by().values("course")
    return courses.select_related("instructor").annotate(
        rating=Subquery(rated.annotate(mean=Avg("stars")).values("mean")),
        ratings_given=Coalesce(Subquery(rated.annotate(many=Count("pk")).values("many")), 0),
        members=Coalesce(Subquery(members.annotate(many=Count("pk")).values("many")), 0),
    )


def courses_top_rated(*, viewer: User, category: str = "") -> QuerySet[Course]:
    """Approved courses that enough people have rated, the best first."""
    found = courses_found(viewer=viewer, category=category, state=CourseState.APPROVED, sort=Sort.RATING)
    return found.filter(Q(ratings_given__gte=ENOUGH_RATINGS))


def courses_trending(*, viewer: User) -> QuerySet[Course]:
    """Approved courses by how many have enrolled lately and have stayed; those that nobody has are not there."""
    lately = Enrolment.objects.filter(enrolled_at__gte=timezone.now() - LATELY, status__in=MEMBER)
    counted = lately.order_by().values("course").annotate(many=Count("pk"))
    fresh = counted.filter(course=OuterRef("pk")).values("many")
    found = courses_visible(viewer).filter(state=CourseState.APPROVED, pk__in=lately.values("course"))
    return with_figures(found).annotate(fresh=Subquery(fresh)).order_by("-fresh", "title", "id")
