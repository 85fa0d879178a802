"""Tools for everybody: who teaches."""

from chat.tools.base import Caller, tool
from learning.courses.catalogue import courses_found, shown
from learning.courses.statistics import instructors, instructors_top
from learning.models import CourseState
from learning.tools import asking
from learning.tools.catalogue import Limit, Words
from learning.tools.telling import course_line, instructor_line, line, record
from rag.tooling import Result

_MOST = 5
"""People of one name."""


@tool(fits=asking.instructor)
def instructor_info(caller: Caller, name: Words) -> Result:
    """Tell of an instructor how many courses they teach and how these are rated."""
    none = f"No instructor is called {line(name)!r}."
    found = instructors(name=name, most=_MOST)
    return Result(title="Instructors", record=record("Instructors of this name:", map(instructor_line, found), none))


@tool(fits=asking.instructor_courses)
def instructor_courses(caller: Caller, name: Words, limit: Limit = 10) -> Result:
    """List the courses that an instructor teaches."""
    none = f"No instructor is called {line(name)!r}."
    found = instructors(name=name, most=1)
    lines = [
        course_line(course)
        for one in found
        for course in shown(
            courses_found(viewer=caller.user, instructor=one.username, state=CourseState.APPROVED)[:limit]
        )
    ]
    head = f"{line(found[0].name)} teaches:" if found else ""
    return Result(title="Courses of an instructor", record=record(head, lines, none))


@tool(fits=asking.top_instructors)
def top_instructors(caller: Caller, limit: Limit = 5) -> Result:
    """List the instructors whose courses are rated best, of those with at least five ratings."""
    none = "No instructor has been rated by at least five people yet."
    found = instructors_top(most=limit)
    return Result(
        title="Top instructors", record=record("The best rated instructors:", map(instructor_line, found), none)
    )
