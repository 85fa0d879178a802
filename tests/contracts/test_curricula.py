"""What every curriculum does, and what one at the other end of a connection does when that fails."""

import time
import uuid
from collections.abc import Iterator

import pytest
from django.utils import timezone

from learning.models import Course, CourseState, Enrolment, Module, Topic, TopicCompletion
from learning.tutoring.curriculum.base import Completion, Curriculum
from learning.tutoring.curriculum.database import DatabaseCurriculum
from learning.tutoring.curriculum.remote import RemoteCurriculum
from rag.errors import ProviderError, ProviderRejected
from tests.loopback.curriculum import LoopbackCurriculum
from users.models import User
from utils.errors import NotFound


class CurriculumContract:
    """A subclass gives the fixtures ``curriculum`` and ``keys``, of a topic "Borrowing" and of its course."""

    def test_it_tells_the_topic_and_the_learner(
        self, curriculum: Curriculum, keys: tuple[str, str], user: User
    ) -> None:
        found = curriculum.snapshot(user=user, topic_key=keys[0], course_key=keys[1])
        assert (found.plan.topic_title, found.plan.course_title) == ("Borrowing", "Using the library")
        assert found.plan.learning_objectives == ("Say how long a loan lasts", "Explain how a loan is renewed")
        assert "four weeks" in found.plan.description
        assert (found.standing.user_level, found.standing.completed_topics) == ("beginner", ())

    @pytest.mark.parametrize("unknown", ["999999", "nothing", "../Users/1", "..", "9" * 200, "½"])
    def test_what_it_does_not_have_is_not_found(
        self, curriculum: Curriculum, keys: tuple[str, str], user: User, unknown: str
    ) -> None:
        for topic, course in ((unknown, keys[1]), (keys[0], unknown)):
            with pytest.raises(NotFound):
                curriculum.snapshot(user=user, topic_key=topic, course_key=course)

    def test_a_completion_counts_once(self, curriculum: Curriculum, keys: tuple[str, str], user: User) -> None:
        completion = Completion(uuid.uuid4(), user, *keys, 1.0, timezone.now())
        curriculum.complete(completion)
        curriculum.complete(completion)
        found = curriculum.snapshot(user=user, topic_key=keys[0], course_key=keys[1])
        assert found.standing.completed_topics == ("Borrowing",)


class TestDatabaseCurriculum(CurriculumContract):
    @pytest.fixture
    def curriculum(self) -> Curriculum:
        return DatabaseCurriculum()

    @pytest.fixture
    def keys(self, user: User) -> tuple[str, str]:
        course = Course.objects.create(title="Using the library", state=CourseState.APPROVED)
        topic = Topic.objects.create(
            module=Module.objects.create(course=course, title="Lending"),
            title="Borrowing",
            description="A loan of a book lasts four weeks.",
            learning_objectives=["Say how long a loan lasts", "Explain how a loan is renewed"],
        )
        Enrolment.objects.create(course=course, user=user)
        return str(topic.pk), str(course.pk)

    def test_it_is_for_members(self, curriculum: Curriculum, keys: tuple[str, str], editor: User) -> None:
        with pytest.raises(NotFound):
            curriculum.snapshot(user=editor, topic_key=keys[0], course_key=keys[1])

    def test_a_completion_is_the_one_of_the_course(
        self, curriculum: Curriculum, keys: tuple[str, str], user: User
    ) -> None:
        curriculum.complete(Completion(uuid.uuid4(), user, *keys, 2 / 3, timezone.now()))
        assert TopicCompletion.objects.get().score == 2 / 3


class TestRemoteCurriculum(CurriculumContract):
    @pytest.fixture
    def service(self) -> Iterator[LoopbackCurriculum]:
        with LoopbackCurriculum() as service:
            yield service

    @pytest.fixture
    def curriculum(self, service: LoopbackCurriculum) -> Curriculum:
        return RemoteCurriculum(service.url, service.key, seconds=4)

    @pytest.fixture
    def keys(self) -> tuple[str, str]:
        return "T-1", "C-1"

    def test_what_fails_for_now_is_tried_again(
        self, service: LoopbackCurriculum, curriculum: Curriculum, keys: tuple[str, str], user: User
    ) -> None:
        service.fail_next("error")
        curriculum.snapshot(user=user, topic_key=keys[0], course_key=keys[1])
        assert len(service.requests) == 3

    @pytest.mark.parametrize("failure", ["error", "hang", "cut", "malformed", "drip"])
    def test_nobody_waits_longer_than_the_deadline(
        self, service: LoopbackCurriculum, keys: tuple[str, str], user: User, failure: str
    ) -> None:
        service.fail_next(failure, times=9, seconds=0.3)  # type: ignore[arg-type]
        began = time.monotonic()
        with pytest.raises(ProviderError):
            RemoteCurriculum(service.url, service.key, 0.5).snapshot(user=user, topic_key=keys[0], course_key=keys[1])
        assert time.monotonic() - began < 2

    def test_a_refusal_is_not_tried_again_and_tells_no_key(
        self, service: LoopbackCurriculum, keys: tuple[str, str], user: User
    ) -> None:
        with pytest.raises(ProviderRejected) as refused:
            RemoteCurriculum(service.url, "a-wrong-key", 4).snapshot(user=user, topic_key=keys[0], course_key=keys[1])
        assert len(service.requests) == 1
        assert "a-wrong-key" not in str(refused.value)

    def test_a_key_never_leads_to_another_address(self, service: LoopbackCurriculum, user: User) -> None:
        curriculum = RemoteCurriculum(service.url, service.key, 4)
        for key in ("../UserProgress/1/context", "a?b=c#d", "%2e%2e"):
            with pytest.raises(NotFound):
                curriculum.snapshot(user=user, topic_key=key, course_key="C-1")
        assert all(request.path.startswith("/api/TrainingTopics/") for request in service.requests)
        assert not any(request.query for request in service.requests)
