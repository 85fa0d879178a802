"""The single-question assistant with a language model that asks for tools, by Mistral's protocol and by OpenAI's."""

import json
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from chat.models import Message, ToolCall
from tests.chat.test_assistant import HISTORY, LATELY, LOAN, QUERY
from tests.knowledge import HOURS, submit
from tests.loopback.mistral import LoopbackMistral
from tests.loopback.wire import Request

pytestmark = pytest.mark.usefixtures("library")
SEARCH = "search_knowledge_base"
LOAN_ARGUMENTS = json.dumps(LOAN)


@pytest.fixture(params=["mistral", "openai"])
def model(request: pytest.FixtureRequest, mistral: LoopbackMistral, settings: Settings) -> LoopbackMistral:
    """The stand-in, behind either of the generators that speak to one."""
    if request.param == "openai":
        openai = {"base_url": f"{mistral.url}/v1", "api_key": mistral.key, "model": "a-model"}
        offline = settings.RAG["GENERATORS"][-1]
        settings.RAG = {
            **settings.RAG,
            "OPENAI": openai,
            "GENERATORS": ["rag.generators.openai.OpenAIGenerator", offline],
        }
    return mistral


def chats(mistral: LoopbackMistral) -> list[Request]:
    return [request for request in mistral.requests if request.path == "/v1/chat/completions"]


def ask(client: APIClient, query: str = LOAN["query"]) -> dict[str, Any]:
    answer = client.post(QUERY, {"query": query})
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def test_the_model_asks_for_a_search_and_answers_from_it(client: APIClient, model: LoopbackMistral) -> None:
    body = ask(client)
    assert body["function_calls"] == [{"name": SEARCH, "args": LOAN, "outcome": "ok"}]
    assert "four weeks" in body["response"]
    assert [citation["title"] for citation in body["citations"]] == ["Loans"]
    first, second = chats(model)
    assert first.json["tool_choice"] == "auto"
    search = next(tool["function"] for tool in first.json["tools"] if tool["function"]["name"] == SEARCH)
    assert search["parameters"]["properties"].keys() == {"query", "collection", "category", "top_k"}
    assert search["parameters"]["additionalProperties"] is False
    assert second.json["messages"][-1]["role"] == "tool"
    answer = Message.objects.get(pk=body["message_id"])
    assert answer.prompt_tokens > 100
    assert client.get("/api/chat/usage/").json()["tokens_a_day"]["used"] == (
        answer.prompt_tokens + answer.completion_tokens
    )


def test_filters_narrow_the_search(client: APIClient, editor_client: APIClient, mistral: LoopbackMistral) -> None:
    submit(editor_client, "Branch", HOURS.replace("six in the evening", "eight in the evening"), category="FAQ")
    question = "Until when is the library open?"
    mistral.calls.append([(SEARCH, json.dumps({"query": question, "category": "faq", "top_k": 1}))])
    body = ask(client, question)
    assert [citation["title"] for citation in body["citations"]] == ["Branch"]
    mistral.calls.append([(SEARCH, json.dumps({"query": question, "collection": "no-such"}))])
    assert ask(client, question)["grounded"] is False


def test_several_calls_are_made_and_their_passages_numbered_through(
    client: APIClient, mistral: LoopbackMistral
) -> None:
    queries = ["How long does a loan last?", "Until when is the library open?"]
    mistral.calls.append([(SEARCH, json.dumps({"query": query, "top_k": 1})) for query in queries])
    mistral.scripted.append("A loan lasts four weeks [1]. The library is open until six in the evening [2]. Buy [9].")
    body = ask(client, "How long may I keep a book, and until when can I bring it back?")
    assert [call["args"]["query"] for call in body["function_calls"]] == queries
    assert {citation["marker"]: citation["title"] for citation in body["citations"]} == {1: "Loans", 2: "Opening hours"}
    assert "[9]" not in body["response"]


def test_own_questions_leave_no_citation(client: APIClient, mistral: LoopbackMistral) -> None:
    ask(client)
    mistral.calls.append([("my_recent_questions", "{}")])
    mistral.scripted.append("You asked: How long does a loan last? [1]")
    body = ask(client, LATELY["query"])
    assert body["response"] == "You asked: How long does a loan last?"
    assert (body["citations"], body["grounded"]) == ([], True)


def test_what_came_before_a_failure_cites_the_right_passage(
    client: APIClient, mistral: LoopbackMistral, settings: Settings
) -> None:
    settings.RAG = {**settings.RAG, "GENERATORS": settings.RAG["GENERATORS"][:1]}
    ask(client)
    mistral.calls.append([("my_recent_questions", "{}"), (SEARCH, LOAN_ARGUMENTS)])
    mistral.scripted.append("You asked that before [1]. A loan lasts four weeks [2]. And so on.")
    mistral.fail_next("slow", seconds=0)
    mistral.fail_next("truncate")
    body = ask(client)
    assert body["status"] == "failed"
    assert [(citation["marker"], citation["title"]) for citation in body["citations"]] == [(2, "Loans")]


def test_nobody_answers_from_nothing(client: APIClient, mistral: LoopbackMistral) -> None:
    mistral.scripted.extend(["A loan lasts ten years, as I happen to know.", "A loan lasts four weeks [1]."])
    body = ask(client)
    assert body["response"] == "A loan lasts four weeks [1]."
    assert body["function_calls"] == [{"name": SEARCH, "args": LOAN, "outcome": "ok"}]


def test_what_no_result_supports_is_refused(client: APIClient, mistral: LoopbackMistral) -> None:
    mistral.calls.append([(SEARCH, '{"query": "boiling point of tungsten"}')])
    mistral.scripted.append("Tungsten boils at 5555 degrees [1].")
    body = ask(client, "What is the boiling point of tungsten?")
    assert body["response"].startswith("I don't have specific information")
    assert body["grounded"] is False


def test_at_most_so_many_calls_are_made(client: APIClient, mistral: LoopbackMistral) -> None:
    mistral.calls.extend([[(SEARCH, LOAN_ARGUMENTS), ("my_recent_questions", "{}")]] * 9)
    body = ask(client)
    assert len(body["function_calls"]) == 4
    assert chats(mistral)[-1].json["tool_choice"] == "none"
    assert len(chats(mistral)) == 3
    assert "four weeks" in body["response"]


def test_no_call_begins_after_the_deadline(client: APIClient, mistral: LoopbackMistral, settings: Settings) -> None:
    settings.CHAT = {**settings.CHAT, "TOOL_SECONDS": 0.0}
    body = ask(client)
    assert body["function_calls"] == []
    assert body["grounded"] is False
    assert len(chats(mistral)) == 2


def test_every_call_has_a_row_with_its_outcome(client: APIClient, mistral: LoopbackMistral) -> None:
    calls = [
        ("export_users", '{"role": "admin"}'),
        (SEARCH, '{"query": "x", "user_id": 2}'),
        ("my_recent_questions", '{"limit": 1e400}'),
        (SEARCH, LOAN_ARGUMENTS),
    ]
    mistral.calls.append(calls)
    body = ask(client)
    assert [call["outcome"] for call in body["function_calls"]] == ["refused", "invalid", "invalid", "ok"]
    rows = list(ToolCall.objects.all())
    assert [row.name for row in rows] == [name for name, _ in calls]
    assert rows[0].arguments == {"role": "admin"}
    assert "user_id" in rows[1].detail
    assert rows[3].returned > 20
    assert all(row.duration_ms is not None for row in rows)
    assert "four weeks" in body["response"]
    history = client.get(HISTORY).json()["messages"][0]["function_calls"]
    assert [call["name"] for call in history] == [name for name, _ in calls]


@pytest.mark.parametrize("after", [0, 1], ids=["before the call", "after the call"])
def test_with_the_provider_gone_the_rules_take_over(client: APIClient, mistral: LoopbackMistral, after: int) -> None:
    mistral.fail_next("slow", times=after, seconds=0)
    mistral.fail_next("error", times=9)
    body = ask(client)
    assert "four weeks" in body["response"]
    assert [call["name"] for call in body["function_calls"]] == [SEARCH]
    assert Message.objects.get(pk=body["message_id"]).model == "extractive"


def test_no_masked_value_is_in_what_is_sent_but_tools_and_users_have_it(
    client: APIClient, editor_client: APIClient, mistral: LoopbackMistral
) -> None:
    mail, mine = "desk@library.example.org", "ada.stone@mail.example.com"
    made = {"name": "Staff", "slug": "staff", "masking": "all", "visibility": "members"}
    assert editor_client.post("/api/documents/collections/", made).status_code == 201
    submit(editor_client, "Desk", f"# Desk\n\nThe desk of the library has the address {mail}.", collection="staff")
    mistral.calls.append([(SEARCH, '{"query": "What is the address of the desk, asks <EMAIL_1>?"}')])
    body = ask(client, f"What is the address of the desk of the library, asks {mine}?")
    assert mine in body["function_calls"][0]["args"]["query"]
    mistral.calls.append([("my_recent_questions", "{}"), (SEARCH, '{"query": "What is the address of the desk?"}')])
    mistral.scripted.append("The desk of the library has the address <EMAIL_2> [2].")
    body = ask(client, "What is the address of the desk?")
    sent = json.dumps([request.json for request in chats(mistral)], ensure_ascii=False)
    assert "<EMAIL_2>" in sent
    assert mail not in sent
    assert mine not in sent
    assert mail in body["response"]
