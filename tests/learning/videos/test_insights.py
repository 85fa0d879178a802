"""Insights are found in what learners did, say what they rest on, and go when they are dismissed."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from learning.insights.services import insights_make
from learning.models import (
    Agent,
    Course,
    Difficulty,
    Enrolment,
    Insight,
    Interaction,
    Learner,
    Topic,
    TopicCompletion,
)
from tests.conftest import client_of
from tests.learning.conftest import Account, course_of, topics_of
from users.models import Role, User

INSIGHTS = "/api/learning/insights/"


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def happened(
    user: User, topic: Topic, agent: Agent, many: int = 1, *, correct: bool | None = None, days: float = 1
) -> None:
    at = timezone.now() - timedelta(days=days)
    rows = [
        Interaction(user=user, agent=agent, topic=topic, output={}, model="x", duration_ms=1, correct=correct, at=at)
        for _ in range(many)
    ]
    Interaction.objects.bulk_create(rows)


def found(client: APIClient) -> dict[str, Any]:
    return {one["kind"]: one for one in client.get(INSIGHTS).json()["results"]}


def test_wrong_answers_and_hints_are_trouble_with_a_topic(
    student_client: APIClient, student: User, course: Course
) -> None:
    first, second, third, fourth = topics_of(course)
    happened(student, first, Agent.QUIZ, 2, correct=False)
    happened(student, first, Agent.QUIZ, 1, correct=True)
    happened(student, first, Agent.HINT, 2)
    happened(student, second, Agent.HINT, 4)
    happened(student, third, Agent.QUIZ, 3, correct=False, days=40)
    happened(student, fourth, Agent.QUIZ, 3, correct=True)
    assert insights_make() == 1
    told = found(student_client)["struggling"]
    assert told["topic_id"] == first.pk
    assert {name: told["figures"][name] for name in ("answered", "wrong", "hints")} == {
        "answered": 3,
        "wrong": 2,
        "hints": 2,
    }
    assert "2 quizzes of 3" in told["explanation"]
    assert len(told["evidence"]) == 5
    assert {one["agent"] for one in told["evidence"]} == {"hint", "quiz"}
    enrolment = Enrolment.objects.get(user=student)
    TopicCompletion.objects.create(enrolment=enrolment, topic=first)
    assert insights_make() == 0
    assert found(student_client) == {}


def test_a_course_in_which_nothing_happens_has_come_to_a_halt(
    student_client: APIClient, student: User, course: Course, now: datetime
) -> None:
    assert insights_make() == 0
    assert insights_make(now=now + timedelta(days=15)) == 1
    told = found(student_client)["stalled"]
    assert (told["course_id"], told["figures"]["days"]) == (course.pk, 15)
    assert insights_make(now=now + timedelta(days=200)) == 0
    happened(student, topics_of(course)[0], Agent.HINT, days=-10)
    assert insights_make(now=now + timedelta(days=15)) == 0


def test_days_in_a_row_are_told_at_each_milestone(student_client: APIClient, student: User, now: datetime) -> None:
    learner = Learner.objects.create(user=student, streak_days=8, active_on=now.date())
    insights_make()
    assert found(student_client)["streak"]["title"] == "8 days in a row"
    student_client.post(f"{INSIGHTS}{found(student_client)['streak']['id']}/dismiss/")
    learner.streak_days = 13
    learner.save()
    insights_make()
    assert found(student_client) == {}
    learner.streak_days = 14
    learner.save()
    insights_make()
    assert "streak" in found(student_client)
    insights_make(now=now + timedelta(days=3))
    assert "streak" not in found(student_client)


def test_who_has_done_well_is_ready_for_the_next_level(
    student_client: APIClient, student: User, teacher: User, course: Course
) -> None:
    harder = course_of(teacher, "Python in depth", difficulty=Difficulty.MEDIUM)
    course_of(teacher, "Python at its limits", difficulty=Difficulty.HARD)
    course_of(teacher, "Cooking", difficulty=Difficulty.MEDIUM, category="Kitchen")
    happened(student, topics_of(course)[0], Agent.QUIZ, 4, correct=True)
    happened(student, topics_of(course)[0], Agent.QUIZ, 1, correct=False)
    assert insights_make() == 0
    Enrolment.objects.filter(user=student).update(progress=80)
    assert insights_make() == 1
    assert found(student_client)["ready"]["course_id"] == harder.pk
    Enrolment.objects.create(user=student, course=harder)
    assert insights_make() == 0


def test_what_is_dismissed_does_not_come_again(
    student_client: APIClient, teacher_client: APIClient, student: User, course: Course
) -> None:
    happened(student, topics_of(course)[0], Agent.HINT, 5)
    insights_make()
    key = found(student_client)["struggling"]["id"]
    assert teacher_client.post(f"{INSIGHTS}{key}/dismiss/").status_code == 404
    assert found(teacher_client) == {}
    assert student_client.post(f"{INSIGHTS}{key}/dismiss/").status_code == 204
    assert student_client.post(f"{INSIGHTS}{key}/dismiss/").status_code == 204
    happened(student, topics_of(course)[0], Agent.HINT, 5)
    insights_make()
    assert found(student_client) == {}
    assert Insight.objects.get().figures["hints"] == 10


def test_the_list_takes_few_queries(student_client: APIClient, student: User, course: Course) -> None:
    for topic in topics_of(course):
        happened(student, topic, Agent.HINT, 5)
    insights_make()
    with CaptureQueriesContext(connection) as queries:
        assert len(student_client.get(INSIGHTS).json()["results"]) == 4
    assert len(queries) <= 5, [query["sql"] for query in queries]


def test_teachers_see_which_topics_give_trouble_and_no_single_learner(
    teacher_client: APIClient, student_client: APIClient, account: Account, course: Course, student: User
) -> None:
    first, second, *_ = topics_of(course)
    for number in range(6):
        learner = account(f"learner{number}")
        happened(learner, first, Agent.HINT, 2)
        happened(learner, first, Agent.QUIZ, 1, correct=number > 3)
    for number in range(4):
        happened(User.objects.get(username=f"learner{number}"), second, Agent.QUIZ, 3, correct=False)
    address = f"/api/learning/courses/{course.pk}/struggles/"
    with CaptureQueriesContext(connection) as queries:
        body = teacher_client.get(address).json()
    assert len(queries) <= 5
    assert body["suppressed"] == 1
    (told,) = body["topics"]
    assert (told["topic_id"], told["learners"], told["hints"], told["answers"]) == (first.pk, 6, 12, 6)
    assert told["wrong_answers"] is None
    assert told["learners_with_wrong_answers"] is None
    assert "learner0" not in teacher_client.get(address).content.decode()
    assert student_client.get(address).status_code == 403
    assert client_of(account("tom", Role.TEACHER)).get(address).status_code == 404
