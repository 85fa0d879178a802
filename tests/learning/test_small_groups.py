"""No number that a teacher is told, and no difference of two, tells how many a small group has."""

from collections import defaultdict
from itertools import product
from typing import Any

from rest_framework.test import APIClient

from learning.courses.services import course_enrol
from learning.models import Course, Enrolment
from learning.tools.telling import people, quarter
from tests.conftest import client_of
from tests.learning.conftest import COURSES, Account, course_of
from users.models import User

STATUSES = ("active", "completed", "dropped")


def test_no_small_group_follows_from_what_is_told() -> None:
    """Of all courses of up to 14 in each state: those that look alike differ in every small group that has anybody."""
    alike: dict[Any, list[tuple[int, int, int]]] = defaultdict(list)
    for active, completed, dropped in product(range(15), repeat=3):
        for mean in (0, 50, 90) if active else (None,):
            told = (*map(people, (active + completed, active, completed, dropped)), quarter(mean, active))
            alike[told].append((active, completed, dropped))
    for counts in alike.values():
        for group in range(3):
            sizes = {count[group] for count in counts}
            if min(sizes) < 5:
                assert len(sizes) >= 2, counts


def test_a_teacher_is_told_steps_and_no_names(
    teacher: User, teacher_client: APIClient, account: Account, course: Course
) -> None:
    few = course_of(teacher, "A course of few")
    students = [account(f"zzstudent{number}") for number in range(7)]
    for number, student in enumerate(students):
        course_enrol(user=student, course=course)
        if number < 3:
            course_enrol(user=student, course=few)
    Enrolment.objects.filter(course=course, user=students[0]).update(status="completed", progress=100)
    said = teacher_client.post("/api/chatbot/query/", {"query": "How are my courses doing?"}).json()
    first, second = (line for line in said["response"].splitlines() if line.startswith("-"))
    assert "members fewer than 5, still going fewer than 5, completed fewer than 5" in first
    assert "mean progress of those still going not told of so few" in first
    assert "members 5 or more, still going 5 or more, completed fewer than 5, left fewer than 5" in second
    assert "mean progress of those still going between 0 and 25 %" in second
    assert "zzstudent" not in said["response"]
    shown = {one["title"]: one["members"] for one in client_of(students[0]).get(COURSES).json()["results"]}
    assert shown == {"A course of few": 0, course.title: 5}
