from collections.abc import Callable, Iterator

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from learning.models import Course, CourseState, Enrolment, Module, Topic
from tests.learning.tutoring.learner import Learning
from tests.loopback.tutor import MATERIAL, LoopbackTutor
from users.login_sessions import tokens_issue
from users.models import User


@pytest.fixture(autouse=True)
def _settings(settings: Settings) -> None:
    settings.RAG = {**settings.RAG, "EMBEDDER": None}  # what is searched for here is found by its words


@pytest.fixture
def topic() -> Topic:
    course = Course.objects.create(title="Using the library", state=CourseState.APPROVED)
    module = Module.objects.create(course=course, title="Lending")
    return Topic.objects.create(
        module=module,
        title="Borrowing",
        description=MATERIAL,
        learning_objectives=["Say how long a loan lasts", "Explain how a loan is renewed"],
    )


@pytest.fixture
def tutor(settings: Settings) -> Iterator[LoopbackTutor]:
    with LoopbackTutor() as server:
        settings.RAG = {
            **settings.RAG,
            "GENERATORS": ["rag.generators.mistral.MistralGenerator", *settings.RAG["GENERATORS"]],
            "MISTRAL": {**settings.RAG["MISTRAL"], "api_key": server.key, "server_url": server.url},
            "PROVIDER_TIMEOUT": 10,
        }
        yield server


@pytest.fixture
def learn(topic: Topic) -> Callable[..., Learning]:
    """A learner of their own in the topic, each time."""
    made = iter(range(1000))

    def started(user: User | None = None) -> Learning:
        user = user or User.objects.create_user(f"learner{next(made)}")
        Enrolment.objects.get_or_create(course=topic.module.course, user=user)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens_issue(user=user).access}")
        return Learning(user, client, str(topic.pk), str(topic.module.course_id))

    return started
