"""Tools for everybody, of whom anybody may take courses: their own enrolments and progress."""

from typing import Annotated, Any, Literal

from pydantic import Field

from chat.tools.base import Caller, tool
from learning.courses.selectors import enrolments_of
from learning.courses.statistics import learner_figures
from learning.tools import asking
from learning.tools.catalogue import Limit
from learning.tools.telling import enrolment_line, record
from rag.tooling import Result
from users.models import User

_SHOWN = 5


@tool(fits=asking.own_enrolments)
def my_enrolments(
    caller: Caller,
    status: Annotated[
        Literal["active", "completed", "dropped"] | None, Field(description="Only those of this status.")
    ] = None,
    limit: Limit = 10,
) -> Result:
    """List the courses that the user takes or has taken, with their progress."""
    found = enrolments_of(caller.user)
    found = found.filter(status=status) if status else found
    none = f"You have no {status} courses." if status else "You are not enrolled in any course."
    return Result(title="Your courses", record=record("Your courses:", map(enrolment_line, found[:limit]), none))


@tool(fits=asking.own_progress)
def my_progress(caller: Caller) -> Result:
    """Tell how the user is doing: level, points, days in a row, completed topics and courses."""
    return Result(title="Your progress", record=progress_told(caller.user, "You have", "Your courses:"))


def progress_told(user: User, have: str, courses: str) -> str:
    told: dict[str, Any] = learner_figures(user)
    left = told["next_level_xp"] - told["xp"]
    lines = [
        f"- level {told['level']} with {told['xp']} points; {left} more for the next level",
        f"- a streak of {told['streak_days']} days; the longest was {told['longest_streak_days']}",
        f"- completed {told['topics_completed']} topics and {told['courses_completed']} courses",
        f"- {told['courses_active']} courses still going",
    ]
    recent = [enrolment_line(one) for one in enrolments_of(user)[:_SHOWN]]
    return "\n".join([f"{have}:", "", *lines, *(["", courses, "", *recent] if recent else [])])
