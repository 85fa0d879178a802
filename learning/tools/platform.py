"""Tools for admins: the whole platform, and anybody's figures."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from chat.tools.base import Caller, tool
from learning.courses.catalogue import LATELY
from learning.courses.statistics import courses_below, name_of, platform_figures, taught_figures
from learning.tools import asking
from learning.tools.catalogue import Limit, Words
from learning.tools.learners import progress_told
from learning.tools.telling import line, rating, record
from rag.tooling import Result
from users.models import Role, User
from users.selectors import account_by_login

_ADMINS = frozenset({Role.ADMIN})


@tool(roles=_ADMINS, fits=asking.platform)
def platform_statistics(caller: Caller) -> Result:
    """Tell how many accounts, courses and enrolments there are, and what the last 30 days brought."""
    told = platform_figures()
    days = LATELY.days
    lines = [
        f"- Accounts: {_counted(told['accounts'])}",
        f"- Courses: {_counted(told['courses'])}",
        f"- Enrolments: {_counted(told['enrolments'])}",
        f"- In the last {days} days: {told['lately']['enrolments']} enrolments, "
        f"{told['lately']['certificates']} certificates",
    ]
    return Result(title="Platform statistics", record="\n".join(["The platform in figures:", "", *lines]))


@tool(roles=_ADMINS, fits=asking.low_completion)
def courses_below_completion(
    caller: Caller,
    threshold: Annotated[int, Field(ge=1, le=100, description="Per cent.")] = 50,
    limit: Limit = 10,
) -> Result:
    """List the courses that less than a threshold of those who enrolled have completed, of at least ten enrolments."""
    lines = (
        f"- {line(one.course.title)} (course {one.course.pk}): {one.completed * 100 // one.enrolled} % completed it, "
        f"{one.completed} of {one.enrolled}, taught by {line(name_of(one.course.instructor))}"
        for one in courses_below(completion=threshold, most=limit)
    )
    none = f"No course of at least ten enrolments has a completion below {threshold} %."
    return Result(title="Courses of low completion", record=record(f"Completion below {threshold} %:", lines, none))


@tool(roles=_ADMINS, fits=asking.student)
def student_progress(
    caller: Caller, student: Annotated[Words, Field(description="The user name or e-mail address.")]
) -> Result:
    """Tell how a student is doing, and in which courses."""
    user = account_by_login(student)
    if user is None:
        return _nobody(student)
    return Result(title="A student", record=progress_told(user, f"{user.username} has", "Their courses:"))


@tool(roles=_ADMINS, fits=asking.teacher)
def teacher_statistics(
    caller: Caller,
    teacher: Annotated[Words, Field(description="The user name or e-mail address.")],
    limit: Limit = 20,
) -> Result:
    """Tell how the courses of a teacher go, in exact figures."""
    user = account_by_login(teacher)
    if user is None:
        return _nobody(teacher)
    return Result(title="A teacher", record=_taught(user, limit))


def _nobody(name: str) -> Result:
    return Result(title="Nobody", record=f"No account has the name {line(name)!r}.")


def _taught(user: User, limit: int) -> str:
    found: Any = taught_figures(instructor=user)[:limit]
    lines = (
        f"- {line(one.title)} (course {one.pk}, {one.state}): {one.active} going, {one.completed} completed, "
        f"{one.dropped} left, mean progress of those still going {round(one.progress or 0)} %, "
        f"{rating(one.rating, one.ratings_given) if one.rating else 'not rated yet'}"
        for one in found
    )
    return record(f"{user.username} teaches:", lines, f"{user.username} teaches no course.")


def _counted(numbers: Mapping[str, int]) -> str:
    parts = ", ".join(f"{many} {name}" for name, many in sorted(numbers.items()))
    return f"{sum(numbers.values())} ({parts})" if parts else "0"
