"""Tools for everybody: which courses there are."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from django.db.models import Case, F, When
from pydantic import Field, StringConstraints

from chat.tools.base import Caller, tool
from learning.courses.catalogue import (
    courses_found,
    courses_top_rated,
    courses_trending,
    in_steps,
    shown,
    with_figures,
)
from learning.courses.selectors import OUTLINE, courses_visible
from learning.tools import asking
from learning.tools.telling import course_line, line, record
from rag.tooling import Result
from users.models import User

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Limit = Annotated[int, Field(ge=1, le=20, description="At most so many.")]
Price = Annotated[float, Field(ge=0, le=9_999_999, allow_inf_nan=False)]
_DESCRIPTION = 1_000
"""Characters."""
_LONGEST_ID = 18


@tool(fits=asking.courses)
def find_courses(
    caller: Caller,
    query: Annotated[Words | None, Field(description="Words of the subject, such as python.")] = None,
    category: Annotated[Words | None, Field(description="The exact category.")] = None,
    difficulty: Annotated[
        Literal["easy", "medium", "hard"] | None, Field(description="easy is for beginners, hard is advanced.")
    ] = None,
    min_price: Price | None = None,
    max_price: Annotated[Price | None, Field(description="0 finds the free ones.")] = None,
    sort: Literal["title", "newest", "price", "-price", "rating", "popularity"] = "title",
    limit: Limit = 10,
) -> Result:
    """List the courses on offer by subject, category, difficulty or price, each with who teaches it."""
    found = courses_found(
        viewer=caller.user,
        q=query or "",
        category=category or "",
        difficulty=difficulty or "",
        price_min=None if min_price is None else Decimal(str(min_price)),
        price_max=None if max_price is None else Decimal(str(max_price)),
        sort=sort,
    )
    some = shown(found[: limit + 1])
    more = " There are more." if len(some) > limit else ""
    head = f"These courses are on offer:{more}"
    return Result(title="Courses", record=record(head, map(course_line, some[:limit]), "No course fits that."))


@tool(fits=asking.course)
def course_details(
    caller: Caller, course: Annotated[Words, Field(description="Its title, words of it, or its number.")]
) -> Result:
    """Tell what one course is about, what it costs, who teaches it, and its modules and topics."""
    found = _course(caller.user, course)
    if found is None:
        return Result(title="Course", record=f"There is no course {line(course)!r}.")
    lines = (
        [course_line(found), "", line(found.description, _DESCRIPTION)] if found.description else [course_line(found)]
    )
    lines += ["", f"It has {in_steps(found.members)} or more members."] if in_steps(found.members) else []
    for module in found.modules.all():
        topics = "; ".join(line(topic.title) for topic in module.topics.all())
        lines.append(f"- {line(module.title)}: {topics or 'no topics yet'}")
    return Result(title=line(found.title), record="\n".join(lines))


@tool(fits=asking.top_rated)
def top_rated_courses(
    caller: Caller,
    category: Annotated[Words | None, Field(description="Only of this category.")] = None,
    limit: Limit = 5,
) -> Result:
    """List the best rated courses, of those that at least five people have rated."""
    found = shown(courses_top_rated(viewer=caller.user, category=category or "")[:limit])
    none = "No course has been rated by at least five people yet."
    return Result(title="Top rated courses", record=record("The best rated courses:", map(course_line, found), none))


@tool(fits=asking.trending)
def trending_courses(caller: Caller, limit: Limit = 5) -> Result:
    """List the courses that most people have enrolled in within the last 30 days."""
    found = courses_trending(most=limit)
    none = "Nobody has enrolled in a course within the last 30 days."
    head = "The courses that most people have enrolled in within the last 30 days:"
    return Result(title="Trending courses", record=record(head, map(course_line, found), none))


def _course(viewer: User, wanted: str) -> Any:
    """The course of this number or title; else the most popular one whose title holds the words."""
    rows = with_figures(courses_visible(viewer)).prefetch_related(OUTLINE)
    if wanted.isascii() and wanted.isdigit() and len(wanted) <= _LONGEST_ID:
        return rows.filter(pk=int(wanted)).first()
    for word in wanted.split():
        rows = rows.filter(title__icontains=word)
    exact = Case(When(title__iexact=wanted, then=0), default=1)
    return rows.order_by(exact, F("members").desc(), "title", "id").first()
