"""The official OpenAI client works against ``/v1/``, whole and streaming, and sees citations beside the answer."""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam
from pytest_django import Settings
from rest_framework.test import APIClient

from chat import stateless
from chat.models import Session, Usage
from chat.openai_api.writing import WITHDRAWN
from tests.loopback.mistral import LoopbackMistral
from tests.loopback.server import Failure
from users.models import User

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("library"),
]
QUESTION = "How many books may a reader borrow?"
ANSWER = "A reader may borrow up to seven books at a time [1]."


def asking(*said: str) -> list[ChatCompletionMessageParam]:
    """A conversation: question, answer, question…"""
    roles = ["user", "assistant"] * len(said)
    return [{"role": role, "content": text} for role, text in zip(roles, said, strict=False)]  # type: ignore[misc]


@pytest.fixture
def key(client: APIClient) -> str:
    made: str = client.post("/api/auth/keys/", {"name": "Test", "scopes": ["chat"]}).json()["key"]
    return made


@pytest.fixture
def ai(port: int, key: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key=key, max_retries=0, timeout=20) as client:
        yield client


def test_a_question_is_answered_with_citations(ai: openai.OpenAI, mistral: LoopbackMistral) -> None:
    assert [model.id for model in ai.models.list()] == ["grounded"]
    mistral.scripted.append(ANSWER)
    told = ai.chat.completions.create(model="grounded", messages=asking(QUESTION))
    message: Any = told.choices[0].message
    assert (message.role, message.content, told.choices[0].finish_reason) == ("assistant", ANSWER, "stop")
    assert message.grounded is True
    assert [(one["marker"], one["title"]) for one in message.citations] == [(1, "Loans")]
    assert "seven books" in message.citations[0]["text"]
    assert told.usage
    assert told.usage.total_tokens == told.usage.prompt_tokens + told.usage.completion_tokens > 0


def test_an_answer_streams_and_ends_with_its_citations(ai: openai.OpenAI, mistral: LoopbackMistral, user: User) -> None:
    mistral.scripted.append(ANSWER * 6)
    chunks = list(
        ai.chat.completions.create(
            model="grounded", messages=asking(QUESTION), stream=True, stream_options={"include_usage": True}
        )
    )
    deltas: list[Any] = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert deltas[0].role == "assistant"
    assert len([delta for delta in deltas if delta.content]) > 3
    assert "".join(delta.content or "" for delta in deltas).strip() == (ANSWER * 6).strip()
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert deltas[-1].grounded is True
    assert deltas[-1].citations[0]["title"] == "Loans"
    assert chunks[-1].choices == []
    assert chunks[-1].usage
    assert chunks[-1].usage.completion_tokens > 0
    used = Usage.objects.get(user=user)
    assert (used.answers, used.completion_tokens) == (1, chunks[-1].usage.completion_tokens)
    assert not Session.objects.exists()


def test_errors_are_the_client_s_own(ai: openai.OpenAI, settings: Settings) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        ai.chat.completions.create(model="gpt-4o", messages=asking(QUESTION))
    assert (unknown.value.code, unknown.value.param) == ("model_not_found", "model")
    settings.CHAT = {**settings.CHAT, "MESSAGES_A_MINUTE": 1}
    ai.chat.completions.create(model="grounded", messages=asking(QUESTION))
    with pytest.raises(openai.RateLimitError) as refused:
        ai.chat.completions.create(model="grounded", messages=asking(QUESTION), stream=True)
    assert refused.value.code == "rate_limited"
    assert int(refused.value.response.headers["Retry-After"]) > 0


def test_the_earlier_messages_are_the_history(ai: openai.OpenAI, mistral: LoopbackMistral) -> None:
    mistral.scripted.append("How long does a loan last?")  # the question as it is to be understood
    mistral.scripted.append("A loan lasts four weeks [1].")
    said = asking(QUESTION, "Up to seven [1].", "And how long does it last?")
    told = ai.chat.completions.create(model="grounded", messages=said)
    assert told.choices[0].message.content == "A loan lasts four weeks [1]."
    assert "Up to seven" in json.dumps(mistral.requests[-1].json)


def test_text_that_does_not_stand_is_withdrawn_in_words(
    ai: openai.OpenAI, mistral: LoopbackMistral, settings: Settings
) -> None:
    settings.RAG = {**settings.RAG, "UNSUPPORTED": "remove"}
    mistral.scripted.append(f"The library owns a submarine [1]. {ANSWER}")
    deltas: list[Any] = [
        chunk.choices[0].delta
        for chunk in ai.chat.completions.create(model="grounded", messages=asking(QUESTION), stream=True)
    ]
    text = "".join(delta.content or "" for delta in deltas)
    assert text.split(WITHDRAWN)[1] == deltas[-1].answer
    assert "submarine" not in deltas[-1].answer


def test_a_failure_in_a_stream_is_told_as_an_error(
    ai: openai.OpenAI, mistral: LoopbackMistral, settings: Settings
) -> None:
    settings.RAG = {**settings.RAG, "GENERATORS": settings.RAG["GENERATORS"][:1]}
    mistral.behaviour = Failure("error")
    with pytest.raises(openai.APIError) as failed:
        list(ai.chat.completions.create(model="grounded", messages=asking(QUESTION), stream=True))
    assert failed.value.code == "provider_unavailable"
    with pytest.raises(openai.InternalServerError) as whole:
        ai.chat.completions.create(model="grounded", messages=asking(QUESTION))
    assert whole.value.code == "provider_unavailable"


def test_who_leaves_stops_the_model(ai: openai.OpenAI, mistral: LoopbackMistral) -> None:
    mistral.scripted.append(ANSWER * 20)
    mistral.fail_next("drip", seconds=0.1)
    stream = ai.chat.completions.create(model="grounded", messages=asking(QUESTION), stream=True)
    assert any(chunk.choices[0].delta.content for chunk in stream)
    stream.close()
    assert mistral.wait_for_streams(0, timeout=1)


def test_streams_that_wait_send_heartbeats_and_hold_no_threads(
    ai: openai.OpenAI, mistral: LoopbackMistral, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stateless, "HEARTBEAT_SECONDS", 0.1)
    for _ in range(24):
        mistral.fail_next("stall")
    before = threading.active_count()
    ask = ai.chat.completions.with_streaming_response.create
    with ExitStack() as stack:
        streams = [
            stack.enter_context(ask(model="grounded", messages=asking(QUESTION), stream=True)) for _ in range(24)
        ]
        assert mistral.wait_for_streams(24)
        # Those of the model's stand-in have a thread each, of the same process.
        assert threading.active_count() - before - 24 <= 16 + 4
        lines = (line for line in streams[-1].iter_lines() if line.startswith(":"))
        assert [next(lines), next(lines)] == [": still here"] * 2
    assert mistral.wait_for_streams(0)
