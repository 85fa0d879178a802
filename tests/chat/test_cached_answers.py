"""An answer is given again for a short while, as long as nothing that it rests on has changed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from pytest_django import Settings
from rest_framework.test import APIClient

from chat.models import Message
from documents.gate import Preview
from documents.models import Chunk, Collection
from rag.answering import answering
from rag.caching import DEPENDS_ON, cached
from rag.retrieval import Scope
from tests.conftest import client_of
from tests.knowledge import HOURS, LOANS, LONGER, hand_in, submit
from tests.loopback.mistral import LoopbackMistral
from users.models import Role
from users.services import account_create
from utils.waiting import stepped

QUESTION = "Until when is the library open?"


def ask(client: APIClient, content: str = QUESTION, **fields: Any) -> dict[str, Any]:
    response = client.post("/api/chat/messages/", {"content": content, **fields})
    assert response.status_code == 201, response.content
    bot: dict[str, Any] = response.json()["bot_message"]
    assert bot["status"] == "complete"
    return bot


def is_cached(bot: dict[str, Any]) -> bool:
    return bool(bot["metadata"].get("cached", False))


@pytest.fixture
def document(editor_client: APIClient) -> str:
    """The address of a document about opening hours."""
    return f"/api/documents/{submit(editor_client, 'Opening hours', HOURS)['documents'][0]['id']}/"


def test_the_same_question_has_the_same_answer_again(client: APIClient, document: str) -> None:
    first, again = ask(client), ask(client, "  Until when  is the library open? ")
    assert (is_cached(first), is_cached(again)) == (False, True)
    assert {key: again[key] for key in ("content", "citations", "grounded", "model", "usage")} == {
        key: first[key] for key in ("content", "citations", "grounded", "model", "usage")
    }


def test_it_yields_the_same_kinds_of_events(document: str) -> None:
    scope = Scope(frozenset(Collection.objects.values_list("pk", flat=True)))
    first, again = (list(stepped(cached(answering)(question=QUESTION, history=[], scope=scope))) for _ in range(2))
    assert [type(event).__name__ for event in again] == ["Sources", "Delta", "Done"]
    assert again[0] == first[0]


def test_another_user_who_may_see_the_same_has_it_too(client: APIClient, document: str) -> None:
    ask(client)
    other = account_create(
        username="otto", email="otto@example.org", password="correct horse battery staple", role=Role.USER
    )
    assert is_cached(ask(client_of(other)))


def test_what_is_published_moved_or_withdrawn_has_it_made_anew(
    client: APIClient, editor_client: APIClient, document: str
) -> None:
    ask(client)
    submit(editor_client, "Loans", LOANS)
    assert not is_cached(ask(client))
    hand_in(editor_client, document, LONGER)
    bot = ask(client)
    assert (is_cached(bot), "eight" in bot["content"]) == (False, True)
    fields = {"name": "Staff", "slug": "staff", "visibility": "roles", "roles": ["editor"]}
    editor_client.post("/api/documents/collections/", fields)
    editor_client.patch(document, {"collection": "staff"})
    bot = ask(client)
    assert (is_cached(bot), bot["grounded"]) == (False, False)
    ask(editor_client)
    editor_client.delete(document)
    bot = ask(editor_client)
    assert (is_cached(bot), bot["grounded"]) == (False, False)


def test_a_rollback_has_it_made_anew(client: APIClient, editor_client: APIClient, document: str) -> None:
    hand_in(editor_client, document, LONGER)
    assert "eight" in ask(client)["content"]
    editor_client.post(f"{document}versions/1/publish/")
    bot = ask(client)
    assert not is_cached(bot)
    assert "six" in bot["content"]


def test_who_may_see_more_or_less_has_an_answer_of_their_own(
    client: APIClient, editor_client: APIClient, document: str
) -> None:
    fields = {"name": "Staff", "slug": "staff", "visibility": "roles", "roles": ["editor"]}
    editor_client.post("/api/documents/collections/", fields)
    ask(editor_client)
    assert not is_cached(ask(client))
    editor_client.patch("/api/documents/collections/staff/", {"visibility": "members"})
    assert is_cached(ask(client))  # now both see the same, and the editor's answer is theirs
    editor_client.patch("/api/documents/collections/general/", {"visibility": "roles", "roles": ["editor"]})
    bot = ask(client)
    assert (is_cached(bot), bot["grounded"]) == (False, False)


def test_another_model_or_setting_has_it_made_anew(client: APIClient, document: str, settings: Settings) -> None:
    ask(client)
    changes: list[dict[str, Any]] = [
        {"TOP_K": 1},
        {"THRESHOLD": 0.1},
        {"EMBEDDER": None},
        {"MISTRAL": {"chat_model": "x"}},
    ]
    for change in changes:
        settings.RAG = {**settings.RAG, **change}
        assert not is_cached(ask(client))
    assert is_cached(ask(client))


def test_whatever_is_said_to_bear_on_answers_has_it_made_anew(
    client: APIClient, document: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(client)
    monkeypatch.setattr("rag.caching.DEPENDS_ON", [*DEPENDS_ON, lambda: "a new calibration"])
    assert not is_cached(ask(client))


def test_what_was_said_before_is_part_of_the_question(client: APIClient, document: str) -> None:
    session = ask(client)["session_id"]
    assert not is_cached(ask(client, session_id=session))


def test_a_question_with_personal_data_is_never_kept(client: APIClient, document: str) -> None:
    question = "Until when is the library open? Tell ada@example.org."
    ask(client, question)
    bot = ask(client, question)
    assert not is_cached(bot)
    assert not is_cached(ask(client, session_id=bot["session_id"]))


def test_a_preview_and_an_answer_asked_for_anew_are_not_taken_from_it(document: str) -> None:
    scope = Scope(frozenset(Collection.objects.values_list("pk", flat=True)))

    def taken(*, preview: Preview | None = None, fresh: bool = False) -> bool:
        done = list(
            stepped(cached(answering, fresh=fresh)(question=QUESTION, history=[], scope=scope, preview=preview))
        )[-1]
        return bool(done.metadata.get("cached"))  # type: ignore[union-attr]

    assert [taken(), taken(), taken(preview={}), taken(fresh=True), taken()] == [False, True, False, False, True]


def test_the_database_decides_what_is_shown(client: APIClient, document: str) -> None:
    ask(client)
    # A chunk that is not what it was, without a revision that says so.
    chunk = Chunk.objects.get()
    chunk.version.text = chunk.version.text.replace("six", "ten")
    chunk.version.save()
    assert not is_cached(ask(client))


def test_it_can_be_turned_off(client: APIClient, document: str, settings: Settings) -> None:
    settings.RAG = {**settings.RAG, "ANSWER_CACHE_SECONDS": 0}
    ask(client)
    assert not is_cached(ask(client))


def test_its_key_tells_nothing_and_rubbish_under_it_is_passed_over(
    client: APIClient, document: str, settings: Settings
) -> None:
    ask(client)
    redis = cache._cache.get_client(None, write=True)  # type: ignore[attr-defined]
    (key,) = redis.scan_iter(match=f"{settings.CACHES['default']['KEY_PREFIX']}*answer:*")
    assert b"library" not in key
    rubbish: list[Any] = ["text", 1, [], {}, {"every": [{"chunks": ["x"]}]}, {"every": [], "done": {}, "cited": {}}]
    for value in [*map(json.dumps, rubbish), b"\x80\x04no json"]:
        redis.set(key, value)
        assert not is_cached(ask(client))


@pytest.fixture
def mistral(settings: Settings) -> Iterator[LoopbackMistral]:
    with LoopbackMistral() as server:
        settings.RAG = {
            **settings.RAG,
            "GENERATORS": ["rag.generators.mistral.MistralGenerator", *settings.RAG["GENERATORS"]],
            "MISTRAL": {**settings.RAG["MISTRAL"], "api_key": server.key, "server_url": server.url},
            "PROVIDER_TIMEOUT": 2,
        }
        yield server


def test_an_answer_that_stood_in_for_a_failed_one_is_not_kept(
    client: APIClient, document: str, mistral: LoopbackMistral
) -> None:
    mistral.fail_next("error")
    assert ask(client)["model"] == "extractive"
    bot = ask(client)
    assert not is_cached(bot)
    assert bot["model"] != "extractive"
    assert is_cached(ask(client))
    assert len([request for request in mistral.requests if request.path == "/v1/chat/completions"]) == 2


def test_an_answer_by_the_words_alone_is_not_kept(
    client: APIClient, editor_client: APIClient, mistral: LoopbackMistral, settings: Settings
) -> None:
    settings.RAG = {**settings.RAG, "EMBEDDER": "rag.embedders.mistral.MistralEmbedder", "THRESHOLD": 0.1}
    submit(editor_client, "Opening hours", HOURS)
    mistral.fail_next("wrong_count")
    ask(client)
    assert not is_cached(ask(client))
    assert is_cached(ask(client))


def test_an_unreachable_cache_costs_only_the_cache(client: APIClient, document: str, settings: Settings) -> None:
    settings.CACHES = {
        **settings.CACHES,
        "default": {
            **settings.CACHES["default"],
            "LOCATION": "redis://127.0.0.1:1/0",
            "OPTIONS": {"socket_connect_timeout": 1},
        },
    }
    assert not is_cached(ask(client))
    assert not is_cached(ask(client))
    assert Message.objects.filter(status="complete", sender_type="bot").count() == 2
