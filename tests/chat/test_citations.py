"""What a model writes is checked before it is shown: its markers, its numbers, its sentences, its places."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings
from pytest_django import Settings
from rest_framework.test import APIClient

from documents.models import Document, Version
from rag.answering import Done, answer
from rag.generators.base import Delta
from rag.generators.chain import Restart
from rag.prompts import REFUSAL
from rag.questions import scope_of
from tests.loopback.mistral import LoopbackMistral

pytestmark = pytest.mark.usefixtures("library")
TRUE = "A reader may borrow up to seven books at a time [1]."


@pytest.fixture
def model(settings: Settings) -> Iterator[LoopbackMistral]:
    """A chat model that says what it is told to."""
    with LoopbackMistral() as mistral:
        settings.RAG = {
            **settings.RAG,
            "GENERATORS": ["rag.generators.mistral.MistralGenerator", *settings.RAG["GENERATORS"]],
            "MISTRAL": {**settings.RAG["MISTRAL"], "api_key": mistral.key, "server_url": mistral.url},
        }
        yield mistral


def ask(client: APIClient, model: LoopbackMistral, *answers: str) -> dict[str, Any]:
    model.scripted.extend(answers)
    bot: dict[str, Any] = client.post("/api/chat/messages/", {"content": "How many books may I borrow?"}).json()[
        "bot_message"
    ]
    for told in bot["metadata"].get("unsupported", []):
        if told["start"] is not None:
            assert bot["content"][told["start"] : told["end"]] == told["sentence"]
    return bot


def unsupported(bot: dict[str, Any]) -> list[tuple[str, str]]:
    return [(told["sentence"], told["reason"]) for told in bot["metadata"].get("unsupported", [])]


def test_an_invented_marker_is_not_shown(client: APIClient, model: LoopbackMistral) -> None:
    bot = ask(client, model, "A reader may borrow up to seven books at a time [1][9]. A loan lasts four weeks [8].")
    assert bot["content"] == f"{TRUE} A loan lasts four weeks. [1]"
    assert [citation["marker"] for citation in bot["citations"]] == [1]


def test_an_invented_number_is_told(client: APIClient, model: LoopbackMistral) -> None:
    bot = ask(client, model, f"{TRUE} A loan lasts nine weeks [1].")
    assert bot["grounded"] is True
    assert unsupported(bot) == [("A loan lasts nine weeks [1].", "number")]


def test_an_invented_sentence_is_told(client: APIClient, model: LoopbackMistral) -> None:
    bot = ask(client, model, f"{TRUE} Parking is behind the house. The reading room has a piano [1].")
    assert unsupported(bot) == [
        ("Parking is behind the house.", "not_said"),
        ("The reading room has a piano [1].", "not_said"),
    ]


def test_a_supported_sentence_without_a_marker_gets_one(client: APIClient, model: LoopbackMistral) -> None:
    bot = ask(client, model, "Hello! You may borrow up to seven books at a time. A loan lasts four weeks.")
    assert bot["content"] == "Hello! You may borrow up to seven books at a time. [1] A loan lasts four weeks. [1]"
    assert bot["metadata"] == {}


def test_an_answer_of_which_nothing_is_supported_is_a_refusal(client: APIClient, model: LoopbackMistral) -> None:
    bot = ask(client, model, "You may borrow nine books [1]. Ask Mr Smith for a card [1].")
    assert (bot["grounded"], bot["content"], bot["citations"]) == (False, f"{REFUSAL}.", [])
    assert [told["start"] for told in bot["metadata"]["unsupported"]] == [None, None]


def test_what_is_not_known_may_be_said(client: APIClient, model: LoopbackMistral) -> None:
    bot = ask(client, model, f"{TRUE} The documents do not say how to get a card.")
    assert (bot["grounded"], bot["metadata"]) == (True, {})


def test_unsupported_sentences_are_removed_by_setting(
    client: APIClient, model: LoopbackMistral, settings: Settings
) -> None:
    settings.RAG = {**settings.RAG, "UNSUPPORTED": "remove"}
    bot = ask(client, model, f"Parking costs two euros. {TRUE} A loan lasts nine weeks [1].")
    assert bot["content"] == TRUE
    assert unsupported(bot) == [("Parking costs two euros.", "number"), ("A loan lasts nine weeks [1].", "number")]


def test_an_answer_is_written_once_more_by_setting(
    client: APIClient, model: LoopbackMistral, settings: Settings
) -> None:
    settings.RAG = {**settings.RAG, "UNSUPPORTED": "regenerate"}
    bot = ask(client, model, f"{TRUE} A loan lasts nine weeks [1].", f"{TRUE} A loan lasts four weeks [1].")
    assert bot["content"] == f"{TRUE} A loan lasts four weeks [1]."
    assert bot["metadata"] == {}
    first, second = (request.json["messages"][0]["content"] for request in model.requests)
    assert second.startswith(first)
    assert len(second) > len(first)
    assert bot["usage"]["completion_tokens"] > 20
    bot = ask(client, model, f"{TRUE} It lasts nine weeks [1].", f"{TRUE} It lasts nine weeks, really [1].")
    assert unsupported(bot) == [("It lasts nine weeks, really [1].", "number")]
    assert len(model.requests) == 4


@pytest.mark.parametrize("way", ["mark", "remove", "regenerate"])
def test_the_deltas_put_together_are_the_answer(model: LoopbackMistral, settings: Settings, way: str) -> None:
    told = f"{TRUE[:-2]}][12]. Parking costs two euros [7]. A loan lasts four weeks."
    model.scripted.extend([told, told])
    with override_settings(RAG={**settings.RAG, "UNSUPPORTED": way}):
        events = list(answer(question="How many books may I borrow?", history=[], scope=scope_of("user")))
    shown, whole = "", ""
    for event in events:
        match event:
            case Delta(text):
                shown, whole = shown + text, whole + text
            case Restart():
                shown = ""
    done = events[-1]
    assert isinstance(done, Done)
    assert shown.strip() == done.text
    assert "[12" not in whole
    assert "[7" not in whole


def test_a_passage_that_has_gone_meanwhile_is_not_cited(model: LoopbackMistral) -> None:
    model.scripted.append(TRUE)
    events = answer(question="How many books may I borrow?", history=[], scope=scope_of("user"))
    next(events)  # the sources
    Document.objects.update(published=None)
    Document.objects.all().delete()
    *_, done = events
    assert isinstance(done, Done)
    assert (done.grounded, done.cited, done.text) == (False, {}, f"{REFUSAL}.")


def test_a_passage_that_is_not_in_its_version_is_not_cited(client: APIClient, model: LoopbackMistral) -> None:
    for version in Version.objects.all():
        Version.objects.filter(pk=version.pk).update(text=f"!{version.text}")
    bot = ask(client, model, TRUE)
    assert (bot["grounded"], bot["citations"]) == (False, [])
