"""A visitor rates an answer, has it made anew, and stops one: their own only."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from chat.models import Feedback, Message
from tests.chat.visitors import Guest

DEEDS = ["feedback", "regenerate", "stop"]


@pytest.fixture
def guest() -> Guest:
    guest = Guest()
    guest.ask()
    return guest


def do(guest: Guest, deed: str, session: str, message: object, token: str, **body: object) -> Any:
    path = f"/api/chatbot/session/{session}/messages/{message}/{deed}/"
    return guest.client.post(path, body, headers={"Authorization": f"Visitor {token}"} if token else {})


def test_a_visitor_says_whether_an_answer_helped(guest: Guest) -> None:
    bot = guest.read().json()["messages"][1]["id"]
    given = {"feedback": "not_helpful", "comment": "Too short."}
    assert do(guest, "feedback", guest.session, bot, guest.token, **given).json()["feedback"] == "not_helpful"
    assert Feedback.objects.get().comment == "Too short."
    assert do(guest, "feedback", guest.session, bot, guest.token, feedback=None).json()["feedback"] is None
    assert do(guest, "feedback", guest.session, bot, guest.token, feedback="great").status_code == 400


def test_another_answer_is_shown_in_the_place_of_the_first(guest: Guest) -> None:
    bot = guest.read().json()["messages"][1]["id"]
    again = do(guest, "regenerate", guest.session, bot, guest.token).json()
    assert again["message_id"] != bot
    assert [message["id"] for message in guest.read().json()["messages"]][1:] == [again["message_id"]]
    assert Message.objects.filter(sender_type="bot").count() == 2
    question = guest.read().json()["messages"][0]["id"]
    assert do(guest, "regenerate", guest.session, question, guest.token).json()["code"] == "not_an_answer"


def test_a_running_answer_is_stopped(guest: Guest) -> None:
    bot = Message.objects.get(sender_type="bot")
    assert do(guest, "stop", guest.session, bot.pk, guest.token).json()["status"] == "complete"
    Message.objects.filter(pk=bot.pk).update(status="streaming")
    assert do(guest, "stop", guest.session, bot.pk, guest.token).json()["status"] == "stopped"
    Message.objects.filter(pk=bot.pk).update(status="streaming")
    assert do(guest, "regenerate", guest.session, bot.pk, guest.token).json()["code"] == "in_progress"


@pytest.mark.parametrize("deed", DEEDS)
def test_nobody_does_it_to_another_s_answer(guest: Guest, client: APIClient, deed: str) -> None:
    other = Guest()
    other.ask()
    bot = guest.read().json()["messages"][1]["id"]
    mine = client.post("/api/chat/messages/", {"content": "Mine?"}).json()["bot_message"]["id"]
    rating = {"feedback": "helpful"}
    assert do(other, deed, other.session, bot, other.token, **rating).status_code == 404
    assert do(other, deed, guest.session, bot, other.token, **rating).status_code == 404
    assert do(other, deed, other.session, mine, other.token, **rating).status_code == 404
    assert do(other, deed, guest.session, bot, "", **rating).status_code == 401
    assert client.post(f"/api/chat/messages/{bot}/{deed}/", rating).status_code == 404
    assert not Feedback.objects.exists()
    assert Message.objects.count() == 6
