"""The single-question assistant without a language model, as clients of the earlier systems use it."""

import asyncio
from uuid import uuid4

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from chat.beginning import exchange_begin
from chat.models import Kind, Message, Session, ToolCall, Usage
from chat.streaming import Ended, exchange_stream
from tests.conftest import PASSWORD, client_of
from users.models import User
from utils.waiting import apart

QUERY = "/api/chatbot/query/"
HISTORY = "/api/chatbot/history/"
LOAN = {"query": "How long does a loan last?"}
LATELY = {"query": "What did I ask lately?"}
pytestmark = pytest.mark.usefixtures("library")


@pytest.fixture
def eve() -> APIClient:
    return client_of(User.objects.create_user("eve", "eve@example.org", PASSWORD))


def test_a_question_is_looked_up_and_answered_with_citations(client: APIClient) -> None:
    answer = client.post(QUERY, LOAN)
    assert answer.status_code == 200
    body = answer.json()
    assert "four weeks" in body["response"]
    assert body["function_calls"] == [{"name": "search_knowledge_base", "args": LOAN, "outcome": "ok"}]
    assert body["response_time_ms"] >= 0
    (citation,) = body["citations"]
    assert f"[{citation['marker']}]" in body["response"]
    assert citation["title"] == "Loans"
    assert body["grounded"] is True


def test_a_part_that_is_not_found_is_named(client: APIClient) -> None:
    body = client.post(QUERY, {"query": "How long does a loan last and what is the boiling point of tungsten?"}).json()
    assert "four weeks" in body["response"]
    assert "The documents hold nothing on" in body["response"]


def test_editors_may_replay_an_answer(client: APIClient, editor_client: APIClient) -> None:
    message = client.post(QUERY, LOAN).json()["message_id"]
    replay = editor_client.get(f"/api/chat/messages/{message}/replay/")
    assert replay.status_code == 200
    assert any("four weeks" in str(passage) for passage in replay.json()["passages"])


@pytest.mark.django_db(transaction=True)
def test_it_is_answered_on_an_event_loop_too(user: User) -> None:
    async def answered() -> Message:
        exchange = await apart(exchange_begin, user=user, content=LOAN["query"], kind=Kind.ASSISTANT)
        ends = [event async for news in exchange_stream(exchange) for event in news if isinstance(event, Ended)]
        assert ends[0].error is None
        return ends[0].message

    assert "four weeks" in asyncio.run(answered()).content


def test_what_the_documents_do_not_hold_is_refused(client: APIClient) -> None:
    body = client.post(QUERY, {"query": "What is the boiling point of tungsten?"}).json()
    assert body["response"].startswith("I don't have specific information about this topic")
    assert body["grounded"] is False
    assert [call["name"] for call in body["function_calls"]] == ["search_knowledge_base"]


def test_own_questions_are_told_and_nobody_elses(client: APIClient, eve: APIClient) -> None:
    client.post(QUERY, LOAN)
    client.post("/api/chat/messages/", {"content": "When is the library open?"})
    eve.post(QUERY, {"query": "Where may I park my bicycle?"})
    body = client.post(QUERY, LATELY).json()
    assert body["function_calls"] == [{"name": "my_recent_questions", "args": {}, "outcome": "ok"}]
    assert "How long does a loan last?" in body["response"]
    assert "When is the library open?" in body["response"]
    assert "bicycle" not in body["response"]
    assert "lately?" not in body["response"]
    assert body["grounded"] is True
    last = client.post(QUERY, {"query": "Show my last 1 questions"}).json()
    assert last["function_calls"][0]["args"] == {"limit": 1}
    assert "What did I ask lately?" in last["response"]
    assert "loan" not in last["response"]


def test_who_has_asked_nothing_is_told_so(client: APIClient) -> None:
    assert "not asked anything" in client.post(QUERY, LATELY).json()["response"]


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("what did I ask?", "my_recent_questions"),
        ("Which questions have I asked this week?", "my_recent_questions"),
        ("my recent questions", "my_recent_questions"),
        ("What was my last question?", "my_recent_questions"),
        ("How do I delete my questions?", "search_knowledge_base"),
        ("Who reads my questions?", "search_knowledge_base"),
        ("How do I ask for a new card?", "search_knowledge_base"),
        ("What questions must I answer to join the library?", "search_knowledge_base"),
        ("Who may borrow books?", "search_knowledge_base"),
    ],
)
def test_the_rules_pick_the_tool(client: APIClient, question: str, name: str) -> None:
    body = client.post(QUERY, {"query": question}).json()
    assert [call["name"] for call in body["function_calls"]] == [name]


def test_the_history_has_own_questions_the_latest_first(client: APIClient, eve: APIClient) -> None:
    ids = [client.post(QUERY, question).json()["message_id"] for question in (LOAN, LATELY)]
    eve.post(QUERY, LOAN)
    messages = client.get(HISTORY, {"limit": "50"}).json()["messages"]
    assert [message["id"] for message in messages] == ids[::-1]
    assert messages[1].keys() >= {"id", "query", "response", "created_at", "feedback", "function_calls"}
    assert (messages[1]["query"], messages[1]["feedback"]) == (LOAN["query"], None)
    assert messages[1]["function_calls"][0]["args"] == LOAN
    assert [message["id"] for message in client.get(HISTORY, {"limit": "1"}).json()["messages"]] == ids[1:]


def test_feedback_is_kept_and_somebody_elses_answer_is_not_there(client: APIClient, eve: APIClient) -> None:
    address = f"/api/chatbot/feedback/{client.post(QUERY, LOAN).json()['message_id']}/"
    said = client.post(address, {"feedback": "helpful"})
    assert (said.status_code, said.json()) == (200, {"status": "success"})
    assert client.get(HISTORY).json()["messages"][0]["feedback"] == "helpful"
    client.post(address, {"feedback": "not_helpful"})
    assert client.get(HISTORY).json()["messages"][0]["feedback"] == "not_helpful"
    assert eve.post(address, {"feedback": "helpful"}).status_code == 404
    assert client.post(f"/api/chatbot/feedback/{uuid4()}/", {"feedback": "helpful"}).status_code == 404
    assert client.post(address, {"feedback": "great"}).json()["errors"].keys() == {"feedback"}


def test_single_questions_are_no_conversations(client: APIClient) -> None:
    message = client.post(QUERY, LOAN).json()["message_id"]
    assert client.get("/api/chat/sessions/").json()["count"] == 0
    history = client.get("/api/chat/history/", {"q": "loan"}).json()
    assert (history["total_sessions"], history["total_messages"]) == (0, 0)
    assert client.get(f"/api/chat/messages/{message}/").status_code == 404
    session = Session.objects.get().pk
    assert client.post(f"/api/chat/sessions/{session}/messages/", {"content": "And then?"}).status_code == 404
    chat = client.post("/api/chat/messages/", {"content": LOAN["query"]}).json()["bot_message"]["id"]
    assert client.post(f"/api/chatbot/feedback/{chat}/", {"feedback": "helpful"}).status_code == 404


@pytest.mark.parametrize("query", ["", "   ", "x" * 501, None])
def test_a_question_has_1_to_500_characters(client: APIClient, query: str | None) -> None:
    refused = client.post(QUERY, {"query": query})
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["query"])
    assert not Message.objects.exists()


@pytest.mark.parametrize("limit", ["0", "501", "many"])
def test_a_limit_that_makes_no_sense_is_refused(client: APIClient, limit: str) -> None:
    assert client.get(HISTORY, {"limit": limit}).status_code == 400


def test_without_an_account_nothing_is_answered(anonymous: APIClient) -> None:
    assert anonymous.post(QUERY, LOAN).status_code == 401
    assert anonymous.get(HISTORY).status_code == 401
    assert anonymous.post(f"/api/chatbot/feedback/{uuid4()}/", {"feedback": "helpful"}).status_code == 401


def test_a_repeated_request_has_the_first_answer(client: APIClient) -> None:
    first = client.post(QUERY, LOAN, headers={"Idempotency-Key": "one"}).json()
    assert client.post(QUERY, LOAN, headers={"Idempotency-Key": "one"}).json() == first
    assert client.post(QUERY, LATELY, headers={"Idempotency-Key": "one"}).status_code == 422
    assert ToolCall.objects.count() == 1


def test_it_counts_against_the_limits_of_the_chat(client: APIClient, settings: Settings) -> None:
    settings.CHAT = {**settings.CHAT, "MESSAGES_A_MINUTE": 2}
    client.post("/api/chat/messages/", {"content": "When is the library open?"})
    answer = client.post(QUERY, LOAN)
    assert (answer.status_code, "RateLimit" in answer) == (200, True)
    refused = client.post(QUERY, LOAN)
    assert (refused.status_code, refused.json()["limit"]) == (429, "messages_a_minute")
    assert Usage.objects.get().answers == 2


def test_an_account_takes_its_questions_and_calls_with_it(client: APIClient, user: User) -> None:
    client.post(QUERY, LOAN)
    user.delete()
    assert not ToolCall.objects.exists()
    assert not Message.objects.exists()
