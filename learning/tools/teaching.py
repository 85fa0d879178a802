"""Tools for teachers: how their own courses go, in figures that name nobody.

Numbers of people are told in steps, and nothing is summed up over courses, so no difference of two figures tells of a
few. The mean progress is that of those still going, to a quarter: with those in it who have completed the course, it
would tell how many these are (tests/learning/test_small_groups.py).
"""

from typing import Annotated, Any

from pydantic import Field

from chat.tools.base import Caller, tool
from learning.courses.statistics import taught_figures
from learning.tools import asking
from learning.tools.catalogue import Limit, Words
from learning.tools.telling import line, people, quarter, rating, record
from rag.tooling import Result
from users.models import Role


@tool(roles=frozenset({Role.TEACHER, Role.ADMIN}), fits=asking.own_teaching)
def my_course_statistics(
    caller: Caller,
    course: Annotated[Words | None, Field(description="Only courses whose title holds these words.")] = None,
    limit: Limit = 10,
) -> Result:
    """Tell how the courses that the user teaches go: members, completion, progress and ratings, as aggregates only.
    There are no figures and no names of single students."""
    found = taught_figures(instructor=caller.user)
    for word in (course or "").split():
        found = found.filter(title__icontains=word)
    none = "You teach no such course." if course else "You teach no course."
    head = "Your courses, in numbers of students that are rounded down:"
    return Result(title="Your courses as a teacher", record=record(head, map(_in_steps, found[:limit]), none))


def _in_steps(course: Any) -> str:
    told = [
        f"members {people(course.active + course.completed)}",
        f"still going {people(course.active)}",
        f"completed {people(course.completed)}",
        f"left {people(course.dropped)}",
        f"mean progress of those still going {quarter(course.progress, course.active)}",
        rating(course.rating, course.ratings_given) if course.rating else "not rated yet",
    ]
    return f"- {line(course.title)} (course {course.pk}, {course.state}): {', '.join(told)}"
