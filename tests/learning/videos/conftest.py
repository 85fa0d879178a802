"""A course with a video on a town's history, its transcript, and a student who takes it."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from learning.courses.services import course_enrol
from learning.models import Course, Video
from tests.conftest import client_of
from tests.knowledge import work
from tests.learning.conftest import Account, topics_of
from tests.loopback.mistral import LoopbackMistral
from users.models import User

SAID = [
    "The harbour of Port Meren was built by the Dutch engineer Pieter Vos in 1642.",
    "Before that, fishing boats were pulled onto the beach by horses.",
    "The lighthouse is a granite tower that was finished in 1711 under Governor Hale.",
    "Its lamp burned whale oil, which was brought from Norway by merchants.",
    "In 1803 a storm destroyed the northern pier and drowned forty sailors.",
    "The town council then hired the architect Clara Boone, who designed the breakwater.",
    "A breakwater is a wall that takes the force out of the waves before they reach the harbour.",
    "The railway to Easton was opened in 1866 and doubled the trade in salted herring.",
    "Herring was packed in barrels of oak, and the coopers formed the first union of the region.",
    "In 1921 the university founded a station for marine biology on the old pier.",
    "The biologist Ines Falk discovered there that eelgrass shelters young cod.",
    "Today the harbour is a museum, and the ferry to Skag leaves from the breakwater.",
]
SECONDS = 20


def segments(said: list[str] = SAID) -> list[dict[str, object]]:
    return [{"start": n * SECONDS, "end": (n + 1) * SECONDS, "text": text} for n, text in enumerate(said)]


@pytest.fixture
def video(course: Course) -> Video:
    topic = topics_of(course)[0]
    topic.title, topic.learning_objectives = (
        "Harbours",
        ["Explain what a breakwater does", "Name who built the harbour"],
    )
    topic.save()
    return Video.objects.create(topic=topic, title="The town by the sea", duration_seconds=240)


@pytest.fixture
def transcripts(video: Video) -> str:
    """The address of the video's transcripts."""
    return f"/api/learning/videos/{video.pk}/transcripts/"


@pytest.fixture
def transcript(teacher_client: APIClient, transcripts: str) -> None:
    """Handed in and indexed."""
    answer = teacher_client.post(transcripts, {"segments": segments()})
    assert answer.status_code == 202, answer.content
    work()


@pytest.fixture
def student(account: Account, course: Course) -> User:
    student = account("stu")
    course_enrol(user=student, course=course)
    return student


@pytest.fixture
def student_client(student: User) -> APIClient:
    return client_of(student)


@pytest.fixture
def mistral(settings: Settings) -> Iterator[LoopbackMistral]:
    with LoopbackMistral() as server:
        settings.RAG = {
            **settings.RAG,
            "GENERATORS": ["rag.generators.mistral.MistralGenerator", *settings.RAG["GENERATORS"]],
            "MISTRAL": {**settings.RAG["MISTRAL"], "api_key": server.key, "server_url": server.url},
            "PROVIDER_TIMEOUT": 5,
        }
        yield server
