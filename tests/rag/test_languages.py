"""Questions in many languages to a knowledge base that has all of them, with a sentence model that knows English."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from documents.models import Collection
from rag.retrieval import Found, Mode, Scope, search
from tests.knowledge import work

TOWNS: Mapping[str, Any] = tomllib.loads((Path(__file__).parent / "labelled" / "languages.toml").read_text("utf-8"))
QUESTIONS = [(language, *asked) for language, town in TOWNS.items() for asked in town["questions"]]


def ask(question: str, mode: Mode = "hybrid") -> Found:
    scope = Scope(frozenset(Collection.objects.values_list("pk", flat=True)))
    return search(query=question, scope=scope, top_k=10, mode=mode)


def paragraphs(found: Found) -> Sequence[str]:
    return [hit.chunk.version.document.title for hit in found.hits]


@pytest.fixture
def towns(editor_client: APIClient) -> None:
    for language, town in TOWNS.items():
        for place, text in enumerate(town["paragraphs"]):
            fields = {"title": f"{language} {place}", "content": text}
            assert editor_client.post("/api/rag/index/", fields).status_code == 202
    work()


@pytest.mark.usefixtures("towns")
def test_the_right_paragraph_comes_first_in_every_language() -> None:
    wrong = [
        (language, question, paragraphs(found)[:2])
        for language, place, question in QUESTIONS
        if paragraphs(found := ask(question))[:1] != [f"{language} {place}"]
    ]
    assert not wrong


@pytest.mark.usefixtures("towns")
def test_the_sentence_model_is_asked_where_it_knows_the_language_only() -> None:
    english = ask("Who started the library?")
    assert english.mode == "hybrid"
    assert english.hits[0].cosine > 0.3
    assert all(hit.cosine == 0 for hit in english.hits if not hit.chunk.version.title.startswith("en"))
    russian = ask("Кто основал библиотеку?")
    assert russian.mode == "lexical"
    assert all(hit.cosine == 0 for hit in russian.hits)


@pytest.mark.usefixtures("towns")
def test_a_question_whose_language_cannot_be_told_finds_its_paragraph() -> None:
    for question, paragraph in (("Bücherei", "de 0"), ("puente", "es 1"), ("légumes", "fr 2"), ("köprünün", "tr 1")):
        assert paragraphs(ask(question))[0] == paragraph
