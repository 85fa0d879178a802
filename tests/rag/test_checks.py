"""`manage.py check` finds settings that cannot work and says how to mend them."""

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from pytest_django import Settings
from rest_framework.test import APIClient

from tests.knowledge import HOURS, submit


def test_a_class_that_cannot_be_imported_is_named(settings: Settings) -> None:
    settings.RAG = {**settings.RAG, "VECTOR_STORE": "rag.stores.nowhere.Store"}
    with pytest.raises(SystemCheckError, match=r"rag.stores.nowhere.Store cannot be imported"):
        call_command("check")


def test_a_backup_without_a_model_is_named(settings: Settings) -> None:
    settings.RAG = {
        **settings.RAG,
        "GENERATORS": ["rag.generators.openai.OpenAIGenerator", *settings.RAG["GENERATORS"]],
        "OPENAI": {"base_url": "http://127.0.0.1:1/v1", "api_key": "", "model": ""},
    }
    with pytest.raises(SystemCheckError, match="Set OPENAI_MODEL"):
        call_command("check")


def test_without_an_embedder_the_words_alone_are_searched(
    settings: Settings, editor_client: APIClient, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.RAG = {**settings.RAG, "EMBEDDER": None}
    call_command("check")
    assert "requirements-model.txt" in capsys.readouterr().err
    submit(editor_client, "Hours", HOURS)
    answer = editor_client.get("/api/rag/search/", {"q": "Until when is the library open in the evening?"}).json()
    assert answer["mode"] == "lexical"
    assert "six in the evening" in answer["results"][0]["text"]
    bot = editor_client.post(
        "/api/chat/messages/", {"content": "Until when is the library open in the evening?"}
    ).json()
    assert "six in the evening" in bot["bot_message"]["content"]
    refused = editor_client.post("/api/chat/messages/", {"content": "What is the boiling point of tungsten?"}).json()
    assert refused["bot_message"]["grounded"] is False
