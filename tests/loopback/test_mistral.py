"""The loopback service speaks what the official SDKs read."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

import pytest
from mistralai.client import Mistral
from openai import OpenAI

from rag.http import DeadlineClient
from rag.mistral_client import connect
from tests.loopback.mistral import LoopbackMistral

TOOL: dict[str, Any] = {
    "type": "function",
    "function": {"name": "find_course", "description": "Finds a course.", "parameters": {"type": "object"}},
}
QUESTION: dict[str, Any] = {"role": "user", "content": 'Please call find_course {"topic": "algebra"}'}


@pytest.fixture
def server() -> Iterator[LoopbackMistral]:
    with LoopbackMistral() as server:
        yield server


@pytest.fixture
def mistral(server: LoopbackMistral) -> Mistral:
    return connect({"api_key": server.key, "server_url": server.url})


@pytest.fixture
def openai(server: LoopbackMistral) -> OpenAI:
    return OpenAI(api_key=server.key, base_url=f"{server.url}/v1", max_retries=0, http_client=DeadlineClient())


def test_models_are_listed(mistral: Mistral, openai: OpenAI) -> None:
    names = ["mistral-embed", "mistral-small-latest"]
    assert [model["id"] for model in mistral.models.list(timeout_ms=5000).model_dump()["data"]] == names
    assert [model.id for model in openai.models.list(timeout=5)] == names


def test_a_tool_that_the_user_names_is_called_and_its_result_told(mistral: Mistral, openai: OpenAI) -> None:
    request: dict[str, Any] = {"model": "mistral-small-latest", "tools": [TOOL], "messages": [QUESTION]}
    for answer in (
        mistral.chat.complete(**request, timeout_ms=5000).model_dump()["choices"][0],
        openai.chat.completions.create(**request, timeout=5).model_dump()["choices"][0],
    ):
        assert answer["finish_reason"] == "tool_calls"
        function = answer["message"]["tool_calls"][0]["function"]
        assert (function["name"], function["arguments"]) == ("find_course", '{"topic": "algebra"}')

    call = answer["message"]["tool_calls"][0]
    asked = {"role": "assistant", "content": "", "tool_calls": [call]}
    result = {"role": "tool", "tool_call_id": call["id"], "name": "find_course", "content": "Algebra I"}
    request["messages"] = [QUESTION, asked, result]
    told = mistral.chat.complete(**request, timeout_ms=5000).model_dump()["choices"][0]
    assert told["message"]["content"] == "Algebra I"


def test_a_tool_call_can_be_streamed(mistral: Mistral) -> None:
    request: dict[str, Any] = {"model": "mistral-small-latest", "tools": [TOOL], "messages": [QUESTION]}
    with mistral.chat.stream(**request, timeout_ms=5000) as events:
        calls = [call for event in events for call in event.data.choices[0].delta.tool_calls or []]
    assert [call.function.name for call in calls] == ["find_course"]


def test_failures_can_be_ordered_over_http(server: LoopbackMistral, mistral: Mistral) -> None:
    def control(method: str, body: dict[str, Any] | None = None) -> Any:
        request = Request(f"{server.url}/_control", json.dumps(body).encode() if body else None, method=method)
        with urlopen(request, timeout=5) as answer:
            return json.load(answer)

    control("POST", {"kind": "error", "times": 2})
    assert [failure["kind"] for failure in control("GET")["failures"]] == ["error", "error"]
    control("POST", {"kind": "hang", "always": True})
    assert control("GET")["behaviour"]["kind"] == "hang"
    control("DELETE")
    assert control("GET") == {"requests": 0, "open_streams": 0, "failures": [], "behaviour": None}
