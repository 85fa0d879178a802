"""The curriculum's service is away for a while, and the server is killed twice meanwhile: each completion arrives, and
counts once."""

import http.client
import json
from collections.abc import Callable, Iterator

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from learning.models import CurriculumDelivery, TutoringQuestion
from learning.tutoring.outbox import deliveries_send
from tests.killed_servers import Servers
from tests.learning.tutoring.learner import START, Learning
from tests.loopback.curriculum import LoopbackCurriculum
from tests.loopback.server import Failure
from tests.serving import soon
from users.login_sessions import tokens_issue
from users.models import User

LEARNERS = 6
Learn = Callable[[str], Learning]


@pytest.fixture
def service(settings: Settings) -> Iterator[LoopbackCurriculum]:
    with LoopbackCurriculum() as service:
        settings.TUTORING = {
            **settings.TUTORING,
            "CURRICULUM": "learning.tutoring.curriculum.remote.RemoteCurriculum",
            "CURRICULUM_URL": service.url,
            "CURRICULUM_API_KEY": service.key,
            "CURRICULUM_SECONDS": 0.5,
            "DELIVERY_PAUSES": [0.05],
            "DELIVERY_LEASE": 1.0,
        }
        yield service


@pytest.fixture
def learn() -> Learn:
    def made(name: str) -> Learning:
        user = User.objects.create_user(name)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens_issue(user=user).access}")
        return Learning(user, client, "T-1", "C-1")

    return made


def complete(learning: Learning) -> None:
    learning.say("Hello")
    while not learning.done():
        learning.say(expected(learning))


def expected(learning: Learning) -> str:
    question = TutoringQuestion.objects.get(session=learning.session["id"], state="open")
    return " and ".join(question.points)


def test_ids_are_what_the_service_calls_them(service: LoopbackCurriculum, learn: Learn) -> None:
    learning = learn("ada")
    session = learning.start()
    assert (session["topic_id"], session["course_id"]) == ("T-1", "C-1")
    complete(learning)
    assert deliveries_send() == 1
    (told,) = service.completions.values()
    assert (told["userId"], told["topicId"], told["courseId"], told["score"]) == (
        str(learning.user.pk),
        "T-1",
        "C-1",
        1.0,
    )
    assert deliveries_send() == 0


def test_while_it_is_away_nothing_starts_and_what_has_begun_goes_on(service: LoopbackCurriculum, learn: Learn) -> None:
    begun, late = learn("ada"), learn("bob")
    begun.start()
    service.behaviour = Failure("error")
    told = {"user_id": late.user.pk, "topic_id": "T-1", "course_id": "C-1"}
    refused = late.client.post(START, told)
    assert (refused.status_code, refused.json()["code"]) == (503, "provider_unavailable")
    complete(begun)
    assert begun.read()["status"] == "completed"
    assert deliveries_send() == 0
    assert CurriculumDelivery.objects.get().attempts == 1


def test_what_it_refuses_waits_for_somebody_to_see_to_it(
    service: LoopbackCurriculum, learn: Learn, settings: Settings
) -> None:
    learning = learn("ada")
    complete(learning)
    settings.TUTORING = {**settings.TUTORING, "CURRICULUM_API_KEY": "wrong"}
    assert deliveries_send() == 0
    assert deliveries_send() == 0
    row = CurriculumDelivery.objects.get()
    assert (row.attempts, row.delivered_at) == (1, None)
    assert "does not accept the API key" in row.trouble


@pytest.mark.django_db(transaction=True)
def test_each_completion_arrives_once_whatever_is_killed(
    service: LoopbackCurriculum, learn: Learn, settings: Settings
) -> None:
    learners = [learn(f"learner{number}") for number in range(LEARNERS)]
    for learning in learners:
        learning.start()
    with Servers(worker=True, TUTORING=settings.TUTORING) as servers:
        service.behaviour = Failure("error")
        port = servers.start()
        for learning in learners[:2]:
            complete_on(port, learning)
        soon(lambda: any(request.method == "POST" for request in service.requests), 10)
        servers.kill()
        service.behaviour = Failure("hang")
        port = servers.start()
        for learning in learners[2:4]:
            complete_on(port, learning)
        asked = len(service.requests)
        soon(lambda: len(service.requests) > asked, 10)
        servers.kill()  # while it is told
        port = servers.start()
        for learning in learners[4:]:
            complete_on(port, learning)
        # What it took was not heard of, some of it twice.
        service.behaviour = Failure("cut")
        soon(lambda: len(service.arrivals) >= 2, 10)
        service.behaviour = None
        soon(lambda: not CurriculumDelivery.objects.filter(delivered_at=None).exists(), 10)
        servers.kill()
    assert len(service.completions) == CurriculumDelivery.objects.count() == LEARNERS
    assert sorted(told["userId"] for told in service.completions.values()) == sorted(
        str(learning.user.pk) for learning in learners
    )
    assert max(service.arrivals.values()) > 1


def complete_on(port: int, learning: Learning) -> None:
    """Over a real connection to the server that runs now."""
    message = "Hello"
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        headers = {"Content-Type": "application/json"}
        headers["Authorization"] = learning.client._credentials["HTTP_AUTHORIZATION"]  # type: ignore[attr-defined]
        path = f"/api/sessions/{learning.session['id']}/message"
        connection.request("POST", path, json.dumps({"message": message}), headers)
        answer = connection.getresponse()
        body = json.loads(answer.read())
        connection.close()
        assert answer.status == 200, body
        if body["topic_completed"]:
            return
        message = expected(learning)
