"""Courses and figures in the words of an answer.

Titles and names come from people, so each becomes one line.
"""

from collections.abc import Iterable
from typing import Any

from learning.courses.catalogue import SMALLEST_GROUP, in_steps
from learning.courses.statistics import Instructor, name_of
from learning.models import Enrolment

_TITLE = 120
_LEVELS = {"easy": "beginner", "medium": "intermediate", "hard": "advanced"}


def line(text: str, most: int = _TITLE) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def course_line(course: Any) -> str:
    """Of a course with its figures (learning/courses/catalogue.py)."""
    told = [line(course.category)] if course.category else []
    told += [_LEVELS[course.difficulty], price(course), f"taught by {line(name_of(course.instructor))}"]
    told += [rating(course.rating, course.ratings_given)] if course.rating else []
    draft = " (draft)" if course.state == "draft" else ""
    return f"- {line(course.title)}{draft} (course {course.pk}): {', '.join(told)}"


def price(course: Any) -> str:
    return f"price {course.price:.2f}" if course.price else "free"


def rating(mean: Any, given: int) -> str:
    return f"rated {float(mean):.1f} of 5 by {given}"


def instructor_line(one: Instructor) -> str:
    told = [f"{one.courses} course{'s' * (one.courses != 1)}"]
    told += [rating(one.rating, one.ratings_given)] if one.rating else []
    return f"- {line(one.name)} (user name {one.username}): {', '.join(told)}"


def enrolment_line(enrolment: Enrolment) -> str:
    since = f"enrolled on {enrolment.enrolled_at:%Y-%m-%d}"
    done = f", completed on {enrolment.completed_at:%Y-%m-%d}" if enrolment.completed_at else ""
    return (
        f"- {line(enrolment.course.title)} (course {enrolment.course_id}): {enrolment.status}, "
        f"{enrolment.progress} % of the topics, {since}{done}"
    )


def people(number: int) -> str:
    """In steps, so that no small group is told, nor found by taking one number from another."""
    return f"{in_steps(number)} or more" if number >= SMALLEST_GROUP else f"fewer than {SMALLEST_GROUP}"


def quarter(progress: Any, people_in_it: int) -> str:
    """The mean progress of a group to a quarter; nothing of a small one."""
    if progress is None or people_in_it < SMALLEST_GROUP:
        return "not told of so few"
    low = min(int(progress) // 25 * 25, 75)
    return f"between {low} and {low + 25} %"


def record(head: str, lines: Iterable[str], none: str) -> str:
    found = list(lines)
    return "\n".join([head, "", *found]) if found else none
