"""Who takes a course, and what follows from completing its topics."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from learning.courses import services
from learning.courses.outline import part_delete, part_save
from learning.courses.selectors import enrolment_get, is_member
from learning.courses.statistics import learner_figures
from learning.models import Certificate, Course, CourseState, Enrolment, Learner, Topic, TopicCompletion
from tests.learning.conftest import COURSES, course_of, topics_of
from users.models import User
from utils.errors import InvalidInput, NotFound

ENROLMENTS = "/api/learning/enrolments/"


def test_a_course_is_taken_and_left(client: APIClient, course: Course, user: User) -> None:
    address = f"{COURSES}{course.pk}/"
    first = client.post(f"{address}enrol/")
    assert (first.status_code, first.json()["status"], first.json()["course"]["title"]) == (200, "active", course.title)
    assert client.post(f"{address}enrol/").json() == first.json()
    assert is_member(user, course)
    services.topic_complete(user=user, topic=topics_of(course)[0])
    assert client.post(f"{address}leave/").status_code == 204
    assert client.post(f"{address}leave/").status_code == 204
    assert not is_member(user, course)
    (dropped,) = client.get(ENROLMENTS).json()["results"]
    assert (dropped["status"], dropped["progress"]) == ("dropped", 25)
    assert client.get(ENROLMENTS, {"status": "active"}).json()["count"] == 0
    assert client.get(ENROLMENTS, {"status": "lost"}).status_code == 400
    assert client.post(f"{address}enrol/").json()["progress"] == 25


def test_nobody_sees_the_enrolments_of_another(client: APIClient, teacher_client: APIClient, course: Course) -> None:
    client.post(f"{COURSES}{course.pk}/enrol/")
    assert teacher_client.get(ENROLMENTS).json()["count"] == 0


def test_a_course_that_cannot_be_taken_says_why(
    client: APIClient, teacher_client: APIClient, admin_client: APIClient, course: Course, user: User
) -> None:
    address = f"{COURSES}{course.pk}/enrol/"
    assert teacher_client.post(address).json()["code"] == "own_course"
    Course.objects.update(price=20)
    assert client.post(address).json()["code"] == "payment_needed"
    somebody = f"{COURSES}{course.pk}/enrolments/"
    assert admin_client.post(somebody, {"username": "nobody"}).status_code == 400
    assert admin_client.post(somebody, {"username": "ada"}).status_code == 200
    client.post(f"{COURSES}{course.pk}/leave/")
    assert client.post(address).status_code == 200  # who has paid may come back
    Course.objects.update(state=CourseState.DRAFT)
    assert client.post(address).status_code == 404
    assert teacher_client.post(address).json()["code"] == "course_not_approved"
    assert client.get(ENROLMENTS).json()["results"][0]["course"]["state"] == "draft"
    assert client.post(f"{COURSES}{course.pk}/leave/").status_code == 204
    assert not is_member(user, course)


def test_topics_bring_progress_and_the_last_one_the_certificate(
    client: APIClient, anonymous: APIClient, course: Course, user: User
) -> None:
    services.course_enrol(user=user, course=course)
    seen = []
    for topic in topics_of(course):
        for _ in range(2):  # again is nothing
            enrolment = services.topic_complete(user=user, topic=topic, score=0.8)
        seen.append((enrolment.progress, enrolment.status))
    assert seen == [(25, "active"), (50, "active"), (75, "active"), (100, "completed")]
    assert TopicCompletion.objects.filter(score=0.8).count() == 4
    told = client.get("/api/learning/learner/").json()
    assert (
        told.items()
        >= {
            "xp": 400,
            "level": 3,
            "next_level_xp": 900,
            "streak_days": 1,
            "courses_completed": 1,
            "topics_completed": 4,
        }.items()
    )
    (certificate,) = client.get("/api/learning/certificates/").json()["results"]
    course.delete()
    shown = anonymous.get(f"/api/learning/certificates/{certificate['id']}/").json()
    assert shown == {**certificate, "course_title": "Python from the start", "holder": "a…"}
    User.objects.update(first_name="Ada", last_name="Lovelace")
    assert anonymous.get(f"/api/learning/certificates/{certificate['id']}/").json()["holder"] == "Ada L."
    assert anonymous.get(f"/api/learning/certificates/{uuid4()}/").status_code == 404


def test_who_is_no_member_completes_nothing(user: User, course: Course) -> None:
    (topic, *_) = topics_of(course)
    with pytest.raises(NotFound):
        services.topic_complete(user=user, topic=topic)
    services.course_enrol(user=user, course=course)
    with pytest.raises(InvalidInput):
        services.topic_complete(user=user, topic=topic, score=1.5)
    with pytest.raises(InvalidInput):
        services.topic_complete(user=user, topic=topic, score=float("nan"))
    services.course_leave(user=user, course=course)
    with pytest.raises(NotFound):
        enrolment_get(user=user, course=course)
    assert not Learner.objects.exists()


def test_a_course_that_was_completed_stays_so(user: User, teacher: User, course: Course) -> None:
    services.course_enrol(user=user, course=course)
    for topic in topics_of(course):
        services.topic_complete(user=user, topic=topic)
    services.course_leave(user=user, course=course)
    assert services.course_enrol(user=user, course=course).status == "completed"
    more = part_save(actor=teacher, part=Topic(module=course.modules.get(position=1)), title="More")
    assert services.topic_complete(user=user, topic=more).progress == 100
    assert (Certificate.objects.count(), Learner.objects.get().xp) == (1, 450)


def test_progress_follows_topics_that_come_and_go(user: User, teacher: User, course: Course) -> None:
    services.course_enrol(user=user, course=course)
    first, *others = topics_of(course)
    services.topic_complete(user=user, topic=first)
    added = part_save(actor=teacher, part=Topic(module=first.module), title="More")
    assert enrolment_get(user=user, course=course).progress == 20
    for topic in (added, *others):
        part_delete(actor=teacher, part=topic)
    assert enrolment_get(user=user, course=course).status == "completed"
    assert Certificate.objects.count() == 1
    part_delete(actor=teacher, part=first)
    assert enrolment_get(user=user, course=course).progress == 100


@pytest.fixture
def on_day(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def set_to(day: int, hour: int = 12) -> None:
        monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 3, 1, hour, tzinfo=zone) + timedelta(days=day))

    zone = timezone.get_current_timezone()
    return set_to


def test_days_in_a_row_are_those_of_utc(
    client: APIClient, user: User, teacher: User, on_day: Callable[..., None]
) -> None:
    course = course_of(teacher, topics=8)
    services.course_enrol(user=user, course=course)
    topics = iter(topics_of(course))
    seen = []
    for day in (0, 0, 1, 2, 4, 5):
        on_day(day, 23)
        services.topic_complete(user=user, topic=next(topics))
        seen.append(Learner.objects.get().streak_days)
    assert seen == [1, 1, 2, 3, 1, 2]
    assert Learner.objects.get().longest_streak_days == 3
    for day, streak in ((6, 2), (7, 0)):
        on_day(day, 0)
        assert learner_figures(user)["streak_days"] == streak


@pytest.mark.django_db(transaction=True)
def test_topics_that_are_completed_at_once_count_once_each(user: User, course: Course) -> None:
    services.course_enrol(user=user, course=course)
    topics = topics_of(course) * 2

    def done(topic: Topic) -> None:
        try:
            services.topic_complete(user=user, topic=topic)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(done, topics))
    assert Enrolment.objects.get().status == "completed"
    assert (Learner.objects.get().xp, Certificate.objects.count()) == (400, 1)
