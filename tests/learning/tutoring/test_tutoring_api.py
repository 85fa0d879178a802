"""Tutoring over HTTP: who may start it, what it tells, and what completing a topic brings."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from chat.models import Usage
from learning.models import Certificate, Enrolment, Learner, Topic, TutoringQuestion, TutoringSession
from learning.tutoring.services import sessions_abandon
from learning.tutoring.turns import turn_begin
from tests.conftest import PASSWORD, client_of
from tests.learning.tutoring.learner import START, Learning
from tests.loopback.tutor import SUBJECT, LoopbackTutor, asked_in
from users.models import AuditEntry, Role, User
from users.services import account_create

Learn = Callable[..., Learning]


def right(learning: Learning) -> str:
    item = asked_in(learning.heard[-1])
    assert item
    return item.say[0]


def with_key(owner: User, *scopes: str) -> APIClient:
    made = client_of(owner).post("/api/auth/keys/", {"name": "Courses", "scopes": scopes})
    assert made.status_code == 201, made.content
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {made.json()['key']}")
    return client


def test_a_session_is_told_as_it_was_started(learn: Learn, topic: Topic) -> None:
    learning = learn()
    session = learning.start()
    assert session == {
        "id": session["id"],
        "user_id": learning.user.pk,
        "topic_id": topic.pk,
        "course_id": topic.module.course_id,
        "status": "active",
        "started_at": session["started_at"],
        "completed_at": None,
    }
    read = learning.read()
    assert read["context"] == {
        "user_level": "beginner",
        "course_title": "Using the library",
        "topic_title": "Borrowing",
        "learning_objectives": ["Say how long a loan lasts", "Explain how a loan is renewed"],
        "completed_topics": [],
        "struggles": [],
    }
    assert read["messages"] == []


def test_slashes_at_the_end_are_as_one_likes(learn: Learn) -> None:
    learning = learn()
    told = {"user_id": learning.user.pk, "topic_id": int(learning.topic), "course_id": int(learning.course)}
    first, second = learning.client.post(START, told), learning.client.post(f"{START}/", told)
    assert first.json() == second.json()
    place = f"/api/sessions/{first.json()['id']}"
    for path in (place, f"{place}/"):
        assert learning.client.get(path).status_code == 200
    for path in (f"{place}/message", f"{place}/message/"):
        assert learning.client.post(path, {"message": "Hello"}).status_code == 200


def test_mastering_the_last_topic_brings_progress_points_and_the_certificate(
    learn: Learn, tutor: LoopbackTutor
) -> None:
    learning = learn()
    learning.say("Hello")
    assert not learning.done()
    while not learning.done():
        learning.say(right(learning))
    assert learning.heard[-1].endswith("You have mastered this topic.")
    read = learning.read()
    assert (read["status"], bool(read["completed_at"])) == ("completed", True)
    assert [message["sender_type"] for message in read["messages"]] == ["learner", "tutor"] * 3
    enrolment = Enrolment.objects.get(user=learning.user)
    assert (enrolment.progress, enrolment.completions.get().score) == (100, 1.0)
    assert Learner.objects.get(user=learning.user).xp > 0
    assert Certificate.objects.get(user=learning.user).course_title == "Using the library"
    ended = learning.client.post(f"/api/sessions/{read['id']}/message", {"message": "More"})
    assert (ended.status_code, ended.json()["code"]) == (409, "session_ended")
    assert learning.start()["id"] != read["id"]


def test_others_sessions_are_not_there(learn: Learn) -> None:
    own, other = learn(), learn()
    place = f"/api/sessions/{own.start()['id']}"
    assert other.client.get(place).status_code == 404
    assert other.client.post(f"{place}/message", {"message": "Hello"}).status_code == 404
    assert other.client.get(f"/api/sessions/{uuid4()}").status_code == 404
    told = {"user_id": own.user.pk, "topic_id": own.topic, "course_id": own.course}
    assert other.client.post(START, told).status_code == 404
    assert APIClient().post(START, told).status_code == 401


def test_a_service_acts_for_learners_by_an_admins_key_with_the_scope(learn: Learn) -> None:
    learning = learn()
    admin = account_create(username="root", email="root@example.org", password=PASSWORD, role=Role.ADMIN)
    told = {"user_id": learning.user.pk, "topic_id": learning.topic, "course_id": learning.course}
    assert client_of(admin).post(START, told).status_code == 404  # an admin in person is no service
    assert with_key(admin, "chat").post(START, told).status_code == 403
    learners = account_create(username="lena", email="lena@example.org", password=PASSWORD, role=Role.TEACHER)
    assert with_key(learners, "tutoring").post(START, told).status_code == 404
    service = with_key(admin, "tutoring")
    session = service.post(START, told).json()
    assert session["user_id"] == learning.user.pk
    place = f"/api/sessions/{session['id']}"
    assert service.post(f"{place}/message", {"message": "Hello"}).status_code == 200
    assert service.get(place).json()["messages"] == learning.client.get(place).json()["messages"]
    assert Usage.objects.get().user == learning.user
    entry = AuditEntry.objects.get(action="tutoring.start")
    assert (entry.actor, entry.subject) == (admin, learning.user)
    assert service.post(START, {**told, "user_id": 10**9}).status_code == 404


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"topic_id": True},
        {"topic_id": ""},
        {"topic_id": []},
        {"course_id": "x" * 201},
        {"topic_id": "a\nb"},
        {"user_id": "seven"},
        {"user_id": 0},
    ],
)
def test_what_makes_no_sense_is_refused(learn: Learn, told: dict[str, Any]) -> None:
    learning = learn()
    whole = {"user_id": learning.user.pk, "topic_id": learning.topic, "course_id": learning.course}
    refused = learning.client.post(START, {**whole, **told} if told else {})
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")


def test_topics_of_other_courses_are_not_there(learn: Learn, user: User, client: APIClient) -> None:
    learning = learn()
    told = {"user_id": learning.user.pk, "topic_id": learning.topic, "course_id": learning.course}
    for wrong in ({"topic_id": 10**6}, {"course_id": 10**6}, {"course_id": "none"}):
        assert learning.client.post(START, {**told, **wrong}).status_code == 404
    assert client.post(START, {**told, "user_id": user.pk}).status_code == 404  # not enrolled


def test_one_message_is_answered_at_a_time_and_a_killed_answer_costs_nothing(learn: Learn) -> None:
    learning = learn()
    learning.say("Hello")
    session = TutoringSession.objects.get()
    asked = TutoringQuestion.objects.get(state="open")
    turn_begin(session=session, content=asked.points[0])  # and its server is killed
    refused = learning.client.post(f"/api/sessions/{session.pk}/message", {"message": asked.points[0]})
    assert (refused.status_code, refused.json()["code"]) == (409, "in_progress")
    TutoringSession.objects.update(busy_until=timezone.now() - timedelta(seconds=1))
    learning.say(asked.points[0])
    asked.refresh_from_db()
    assert asked.state == "right"
    senders = [message["sender_type"] for message in learning.read()["messages"]]
    assert senders == ["learner", "tutor", "learner", "learner", "tutor"]


def test_a_repeated_request_is_answered_once(learn: Learn) -> None:
    learning = learn()
    learning.say("Hello")
    path, body = f"/api/sessions/{learning.session['id']}/message", {"message": "Elephants."}
    first = learning.client.post(path, body, headers={"Idempotency-Key": "one"})
    second = learning.client.post(path, body, headers={"Idempotency-Key": "one"})
    assert first.json() == second.json()
    assert TutoringQuestion.objects.filter(turn__isnull=False).count() == 2
    other = learning.client.post(path, {"message": "Lions."}, headers={"Idempotency-Key": "one"})
    assert other.json()["code"] == "idempotency_key_reused"


def test_messages_count_against_the_limits_of_the_chat(learn: Learn, tutor: LoopbackTutor, settings: Settings) -> None:
    settings.CHAT = {**settings.CHAT, "MESSAGES_A_MINUTE": 1}
    learning = learn()
    learning.say("Hello")
    refused = learning.client.post(f"/api/sessions/{learning.session['id']}/message", {"message": "Hello?"})
    assert (refused.status_code, refused.json()["limit"]) == (429, "messages_a_minute")
    used = Usage.objects.get(user=learning.user)
    assert (used.answers, used.prompt_tokens > 100, used.completion_tokens > 10) == (1, True, True)
    assert len(learning.read()["messages"]) == 2


def test_nobody_who_judges_or_asks_sees_the_conversation(learn: Learn, tutor: LoopbackTutor) -> None:
    learning = learn()
    learning.say("Hello, my secret word is xylophone and my address is ada@example.org.")
    learning.say("I think it is four weeks, xylophone.")
    learning.say("Something else.")
    sent = [str(request.json["messages"]) for request in tutor.requests]
    examining = [text for text in sent if "oral examination" in text]
    judging = [text for text in sent if "You judge whether" in text]
    assert (len(examining), len(judging), len(sent)) == (1, 2, 6)
    assert not any("xylophone" in text for text in examining)
    assert ["xylophone" in text for text in judging] == [True, False]
    assert not any("ada@example.org" in text for text in sent)
    assert not any(SUBJECT[1].question in text for text in sent[2:3])  # the tutor does not know what is asked next


def test_no_question_comes_twice_among_three(learn: Learn) -> None:
    learning = learn()
    for _ in range(14):
        learning.say("Elephants.")
    asked = list(TutoringQuestion.objects.filter(turn__isnull=False).order_by("turn").values_list("text", flat=True))
    assert len(asked) == 14
    assert all(len(set(asked[place : place + 3])) == 3 for place in range(12))


def test_questions_grow_harder_with_what_is_right(learn: Learn, tutor: LoopbackTutor) -> None:
    learning = learn()
    learning.say("Hello")
    learning.say("Two months.")
    learning.say(right(learning))
    asked = TutoringQuestion.objects.filter(turn__isnull=False).order_by("turn")
    assert list(asked.values_list("level", flat=True)) == ["easy", "easy", "medium"]


@pytest.mark.parametrize("failure", ["error", "malformed", "truncate", "cut"])
def test_where_the_model_fails_the_material_is_quoted(learn: Learn, tutor: LoopbackTutor, failure: str) -> None:
    tutor.fail_next(failure, times=50)  # type: ignore[arg-type]
    learning = learn()
    learning.say("Hello")
    assert "Quoted from the material" in learning.heard[-1]
    for _ in range(2):
        learning.say(" and ".join(TutoringQuestion.objects.get(state="open").points))
    assert learning.done()
    assert learning.read()["messages"][-1]["model"] == "extractive"


@pytest.mark.parametrize("reply", ["", "null", "[]", '{"attempt": true}', '{"points": [{"said": true}]}', "Right!"])
def test_a_judgement_that_cannot_be_read_makes_nothing_right(
    learn: Learn, tutor: LoopbackTutor, settings: Settings, reply: str
) -> None:
    learning = learn()
    learning.say("Hello")
    asked = TutoringQuestion.objects.get(state="open")
    tutor.judgement = reply
    learning.say("Elephants, or so.")
    asked.refresh_from_db()
    assert asked.state == "wrong"


def test_a_topic_with_too_little_to_ask_says_so(learn: Learn, topic: Topic) -> None:
    Topic.objects.update(description="Short.", learning_objectives=[])
    learning = learn()
    assert "too little to ask about" in learning.say("Hello")


def test_who_does_not_write_for_two_weeks_has_given_up(learn: Learn) -> None:
    idle, active = learn(), learn()
    idle.start(), active.start()
    TutoringSession.objects.filter(user=idle.user).update(active_at=timezone.now() - timedelta(days=13))
    assert sessions_abandon(now=timezone.now()) == 0
    assert sessions_abandon(now=timezone.now() + timedelta(days=2)) == 1
    assert (idle.read()["status"], active.read()["status"]) == ("abandoned", "active")
    assert idle.session["id"] != idle.start()["id"]


def test_the_export_holds_what_was_said_and_no_answer_that_is_still_asked_for(learn: Learn) -> None:
    learning = learn()
    learning.say("Hello")
    learning.say("Elephants.")
    body = learning.client.get("/api/auth/me/export/").getvalue().decode()
    exported = json.loads(body)["tutoring_sessions"][0]
    assert [message["sender_type"] for message in exported["messages"]] == ["learner", "tutor"] * 2
    states = [question["state"] for question in exported["questions"]]
    assert states[:2] != ["open", "open"]
    told = [question for question in exported["questions"] if question["state"] in ("open", "prepared")]
    assert told
    assert not any("points" in question or "quote" in question for question in told)
    assert any(question.get("points") for question in exported["questions"] if question["state"] == "wrong")
