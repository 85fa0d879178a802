"""Answers made again and questions edited stand beside the old ones; one of them is shown."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from chat.models import Message
from tests.conftest import PASSWORD, client_of
from users.models import User

pytestmark = pytest.mark.usefixtures("library")


def ask(client: APIClient, content: str, address: str = "/api/chat/messages/", **fields: Any) -> dict[str, Any]:
    answer = client.post(address, {"content": content, **fields})
    assert answer.status_code == 201, answer.content
    exchange: dict[str, Any] = answer.json()
    return exchange


def regenerate(client: APIClient, message: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(f"/api/chat/messages/{message['id']}/regenerate/")
    assert answer.status_code == 201, answer.content
    exchange: dict[str, Any] = answer.json()
    return exchange


def edit(client: APIClient, message: dict[str, Any], content: str) -> dict[str, Any]:
    return ask(client, content, f"/api/chat/messages/{message['id']}/edit/")


def listed(client: APIClient, session: str, **query: str) -> list[dict[str, Any]]:
    answer = client.get(f"/api/chat/sessions/{session}/messages/", query)
    assert answer.status_code == 200, answer.content
    messages: list[dict[str, Any]] = answer.json()["results"]
    return messages


def ids(messages: list[dict[str, Any]]) -> list[str]:
    return [message["id"] for message in messages]


def test_each_message_comes_after_the_one_before(client: APIClient) -> None:
    first = ask(client, "How long does a loan last?")
    session = first["user_message"]["session_id"]
    second = ask(client, "When is the library open?", session_id=session)
    messages = listed(client, session)
    assert ids(messages) == [
        exchange[kind]["id"] for exchange in (first, second) for kind in ("user_message", "bot_message")
    ]
    assert [message["parent_id"] for message in messages] == [None, *ids(messages)[:-1]]
    assert all(message["siblings"] == [message["id"]] and message["chosen"] for message in messages)


def test_an_answer_made_again_is_shown_beside_the_old_one(client: APIClient) -> None:
    first = ask(client, "How long does a loan last?")
    old, session = first["bot_message"], first["bot_message"]["session_id"]
    again = regenerate(client, old)
    new = again["bot_message"]
    assert again["user_message"]["id"] == first["user_message"]["id"]
    assert new["content"] == old["content"]
    assert "cached" not in new["metadata"]
    assert new["siblings"] == [old["id"], new["id"]]
    assert ids(listed(client, session)) == [first["user_message"]["id"], new["id"]]
    assert {message["id"]: message["chosen"] for message in listed(client, session, all="true")} == {
        first["user_message"]["id"]: True,
        old["id"]: False,
        new["id"]: True,
    }


def test_an_edited_question_is_answered_beside_the_old_one_and_what_came_after_stays(client: APIClient) -> None:
    first = ask(client, "How do I renew a loan?")
    session = first["user_message"]["session_id"]
    old = ask(client, "how long does it last?", session_id=session)
    later = ask(client, "When is the library open?", session_id=session)
    new = edit(client, old["user_message"], "What does a late return cost?")
    assert "twenty cents" in new["bot_message"]["content"]
    assert new["user_message"]["siblings"] == [old["user_message"]["id"], new["user_message"]["id"]]
    start = [first["user_message"]["id"], first["bot_message"]["id"]]
    assert ids(listed(client, session)) == [*start, new["user_message"]["id"], new["bot_message"]["id"]]
    back = client.post(f"/api/chat/messages/{old['user_message']['id']}/choose/")
    assert (back.status_code, back.json()["chosen"]) == (200, True)
    assert ids(listed(client, session)) == [
        *start, *(exchange[kind]["id"] for exchange in (old, later) for kind in ("user_message", "bot_message"))
    ]  # fmt: skip


def test_the_first_question_can_be_edited_and_names_the_session(client: APIClient) -> None:
    old = ask(client, "How long does a lone last?")
    session = old["user_message"]["session_id"]
    new = edit(client, old["user_message"], "How long does a loan last?")
    assert new["user_message"]["parent_id"] is None
    assert ids(listed(client, session)) == [new["user_message"]["id"], new["bot_message"]["id"]]
    assert client.get(f"/api/chat/sessions/{session}/").json()["title"] == "How long does a loan last?"
    client.patch(f"/api/chat/sessions/{session}/", {"title": "Mine"})
    edit(client, new["user_message"], "How many books may I borrow?")
    assert client.get(f"/api/chat/sessions/{session}/").json()["title"] == "Mine"


def test_choosing_a_message_of_a_hidden_branch_shows_all_of_that_branch(client: APIClient) -> None:
    old = ask(client, "How long does a loan last?")
    session = old["user_message"]["session_id"]
    later = ask(client, "When is the library open?", session_id=session)
    edit(client, old["user_message"], "How many books may I borrow?")
    assert later["bot_message"]["id"] not in ids(listed(client, session))
    client.post(f"/api/chat/messages/{later['bot_message']['id']}/choose/")
    assert len(listed(client, session)) == 4
    assert ids(listed(client, session))[-1] == later["bot_message"]["id"]


def test_a_follow_up_leans_on_its_own_branch(client: APIClient) -> None:
    loans = ask(client, "How do I renew a loan?")
    session = loans["user_message"]["session_id"]
    edit(client, loans["user_message"], "What does a late return of a film cost?")
    after = ask(client, "and of a book?", session_id=session)
    assert after["bot_message"]["metadata"]["standalone_question"] == "What does a late return of a book cost?"
    client.post(f"/api/chat/messages/{loans['bot_message']['id']}/choose/")
    after = ask(client, "how long does it last?", session_id=session)
    assert after["user_message"]["parent_id"] == loans["bot_message"]["id"]
    assert after["bot_message"]["metadata"]["standalone_question"] == "how long does a loan last?"
    again = regenerate(client, after["bot_message"])["bot_message"]
    assert again["metadata"]["standalone_question"] == "how long does a loan last?"


def test_only_answers_are_made_again_and_only_questions_edited(client: APIClient) -> None:
    exchange = ask(client, "How long does a loan last?")
    question, answer = exchange["user_message"]["id"], exchange["bot_message"]["id"]
    refused = client.post(f"/api/chat/messages/{question}/regenerate/")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_an_answer")
    refused = client.post(f"/api/chat/messages/{answer}/edit/", {"content": "Hello?"})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_a_question")
    refused = client.post(f"/api/chat/messages/{question}/edit/", {"content": " "})
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
    Message.objects.filter(pk=answer).update(status="streaming")
    refused = client.post(f"/api/chat/messages/{answer}/regenerate/")
    assert (refused.status_code, refused.json()["code"]) == (409, "in_progress")
    assert Message.objects.count() == 2


def test_somebody_else_s_messages_are_not_found(client: APIClient) -> None:
    exchange = ask(client, "How long does a loan last?")
    other = client_of(User.objects.create_user("eve", "eve@example.org", PASSWORD))
    for call in ("regenerate", "edit", "choose", "feedback"):
        for kind in ("user_message", "bot_message"):
            body = {"content": "Hello?", "feedback": "helpful"}
            assert other.post(f"/api/chat/messages/{exchange[kind]['id']}/{call}/", body).status_code == 404
    assert Message.objects.count() == 2
