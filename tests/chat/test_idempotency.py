"""A request that is sent again with the same Idempotency-Key has the first answer and asks nothing twice."""

import json
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from chat.models import AskedOnce, Message
from tests.conftest import PASSWORD, client_of
from users.models import User

ASK = "/api/chat/messages/"
QUESTION = {"content": "How long does a loan last?"}


def post(client: APIClient, address: str, body: dict[str, Any] | None = None, key: str = "one") -> Any:
    return client.post(address, body, headers={"Idempotency-Key": key})


@pytest.mark.usefixtures("library")
def test_each_way_of_asking_is_repeated(client: APIClient) -> None:
    first = post(client, ASK, QUESTION)
    assert first.status_code == 201
    session, bot = first.json()["user_message"]["session_id"], first.json()["bot_message"]["id"]
    question = first.json()["user_message"]["id"]
    assert post(client, ASK, QUESTION).json() == first.json()
    for number, (address, body) in enumerate(
        [
            (f"/api/chat/sessions/{session}/messages/", {"content": "When is the library open?"}),
            (f"/api/chat/messages/{bot}/regenerate/", None),
            (f"/api/chat/messages/{question}/edit/", {"content": "How many books may I borrow?"}),
        ]
    ):
        made = post(client, address, body, key=f"key-{number}")
        again = post(client, address, body, key=f"key-{number}")
        assert (made.status_code, again.status_code) == (201, 201)
        assert again.json()["bot_message"]["id"] == made.json()["bot_message"]["id"]
    assert Message.objects.filter(sender_type="bot").count() == 4
    assert client.get("/api/chat/usage/").json()["messages_a_minute"]["used"] == 4


def test_a_key_belongs_to_one_request_of_one_user(client: APIClient) -> None:
    first = post(client, ASK, QUESTION)
    other = post(client, ASK, {"content": "Something else?"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    eve = client_of(User.objects.create_user("eve", "eve@example.org", PASSWORD))
    hers = post(eve, ASK, QUESTION)
    assert hers.json()["bot_message"]["id"] != first.json()["bot_message"]["id"]


def test_while_the_first_is_being_answered_the_second_is_told_so(client: APIClient) -> None:
    bot = post(client, ASK, QUESTION).json()["bot_message"]["id"]
    Message.objects.filter(pk=bot).update(status="streaming")
    again = post(client, ASK, QUESTION)
    assert (again.status_code, again.json()["code"]) == (409, "in_progress")
    assert again["Retry-After"] == "1"


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_asks(client: APIClient) -> None:
    barrier, answers = Barrier(2), []

    def send() -> None:
        barrier.wait()
        answers.append(post(client, ASK, QUESTION))
        connection.close()

    threads = [Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses in ([201, 201], [201, 409])
    assert len({answer.json()["bot_message"]["id"] for answer in answers if answer.status_code == 201}) == 1
    assert Message.objects.count() == 2


def test_a_day_later_a_key_is_new(client: APIClient) -> None:
    first = post(client, ASK, QUESTION)
    AskedOnce.objects.update(at=timezone.now() - timedelta(hours=24, seconds=1))
    later = post(client, ASK, QUESTION)
    assert later.json()["bot_message"]["id"] != first.json()["bot_message"]["id"]
    assert AskedOnce.objects.count() == 1


def test_what_was_refused_can_be_sent_again(client: APIClient) -> None:
    assert post(client, ASK, {"content": ""}).status_code == 400
    assert post(client, ASK, QUESTION).status_code == 201


@pytest.mark.parametrize("key", ["", "two words", "x" * 256])
def test_an_insane_key_is_refused(client: APIClient, key: str) -> None:
    answer = post(client, ASK, QUESTION, key=key)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_of_one_that_failed_a_stream_tells_why(client: APIClient) -> None:
    bot = post(client, ASK, QUESTION).json()["bot_message"]["id"]
    for code, status in (("interrupted", 503), ("provider_unavailable", 503), ("internal_error", 500)):
        Message.objects.filter(pk=bot).update(status="failed", metadata={"error": code})
        again = client.post(ASK, QUESTION, headers={"Idempotency-Key": "one", "Accept": "text/event-stream"})
        name, told = again.content.decode().split("\n", 1)
        problem = json.loads(told.removeprefix("data: "))
        assert (name, problem["code"], problem["status"], problem["message_id"]) == ("event: error", code, status, bot)
