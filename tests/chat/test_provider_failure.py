"""The real Mistral SDK against a loopback service: answers from the model, and what happens when it fails."""

import re
from collections.abc import Iterator

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from rag.prompts import REFUSAL
from tests.loopback.mistral import LoopbackMistral
from tests.loopback.wire import FailureKind


@pytest.fixture
def mistral(settings: Settings) -> Iterator[LoopbackMistral]:
    """Mistral writes the answers."""
    with LoopbackMistral() as server:
        settings.RAG = {
            **settings.RAG,
            "GENERATORS": [
                "rag.generators.mistral.MistralGenerator",
                "rag.generators.extractive.ExtractiveGenerator",
            ],
            "MISTRAL": {**settings.RAG["MISTRAL"], "api_key": server.key, "server_url": server.url},
            "PROVIDER_TIMEOUT": 2,
        }
        yield server


@pytest.fixture
def mistral_embedder(mistral: LoopbackMistral, settings: Settings) -> LoopbackMistral:
    """Mistral embeds, too."""
    settings.RAG = {**settings.RAG, "EMBEDDER": "rag.embedders.mistral.MistralEmbedder", "THRESHOLD": 0.3}
    return mistral


def ask(client: APIClient, content: str) -> dict[str, object]:
    answer = client.post("/api/chat/messages/", {"content": content})
    assert answer.status_code == 201, answer.content
    bot: dict[str, object] = answer.json()["bot_message"]
    return bot


@pytest.mark.usefixtures("mistral_embedder")
def test_the_model_answers_from_the_passages(client: APIClient, library: None) -> None:
    bot = ask(client, "How many books may a reader borrow?")
    assert bot["model"] != "extractive"
    assert "seven books" in str(bot["content"])
    assert bot["grounded"] is True
    assert bot["citations"]
    assert bot["usage"]["completion_tokens"] > 0  # type: ignore[index]


def test_the_last_ten_messages_go_into_the_prompt(client: APIClient, mistral: LoopbackMistral, library: None) -> None:
    session = client.post("/api/chat/sessions/", {}).json()["id"]
    for number in range(7):
        question = f"How many books may reader {number} borrow?"
        client.post(f"/api/chat/sessions/{session}/messages/", {"content": question})
    sent = [r for r in mistral.requests if r.path == "/v1/chat/completions"][-1].json["messages"]
    turns = re.findall(r"<turn-\w+ role=\"\w+\">\n(.*?)\n</turn-", sent[-1]["content"], re.DOTALL)
    assert len(turns) == 10
    assert turns[0] == "How many books may reader 1 borrow?"


def test_a_refusal_by_the_model_is_not_grounded(client: APIClient, mistral: LoopbackMistral, library: None) -> None:
    mistral.scripted.append(f"{REFUSAL}.")
    bot = ask(client, "How many books may a reader borrow?")
    assert bot["grounded"] is False
    assert bot["citations"] == []


def test_an_invented_marker_never_leaves_the_server(client: APIClient, mistral: LoopbackMistral, library: None) -> None:
    mistral.scripted.append("Up to seven books [1][9].")
    bot = ask(client, "How many books may a reader borrow?")
    assert bot["content"] == "Up to seven books [1]."


@pytest.mark.parametrize("kind", ["error", "rate_limit", "hang", "truncate", "cut", "malformed"])
def test_a_failing_model_is_replaced_by_the_extractive_answer(
    client: APIClient, mistral: LoopbackMistral, library: None, kind: FailureKind
) -> None:
    mistral.fail_next(kind)
    bot = ask(client, "How many books may a reader borrow?")
    assert bot["model"] == "extractive"
    assert bot["status"] == "complete"
    assert "seven books" in str(bot["content"])


def test_a_failing_embedder_leaves_the_search_by_words(
    client: APIClient, mistral_embedder: LoopbackMistral, library: None
) -> None:
    mistral_embedder.stop()
    bot = ask(client, "How many books may a reader borrow at a time?")
    assert bot["status"] == "complete"
    assert "seven books" in str(bot["content"])
