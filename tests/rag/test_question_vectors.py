"""A question is embedded once in a while, however often it is asked."""

from collections.abc import Sequence

import numpy as np
import pytest
from django.core.cache import cache
from pytest_django import Settings
from redis.exceptions import ConnectionError as Unreachable

from rag.embedders.base import Embedder, Kind, Vectors
from rag.question_vectors import questions_embed


class Counting(Embedder):
    name = "counting"
    dimensions = 3
    max_tokens = 100

    def __init__(self) -> None:
        self.asked: list[str] = []

    @classmethod
    def from_settings(cls, config: object) -> "Counting":
        return cls()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [1] * len(texts)

    def _embed_batch(self, texts: Sequence[str], kind: Kind, timeout: float) -> Vectors:
        assert kind == "query"
        self.asked += texts
        return np.array([[1.0, len(text), 1.0] for text in texts], dtype=np.float32)


def test_only_what_is_not_known_is_embedded() -> None:
    model = Counting()
    first = questions_embed(model=model, questions=["one", "three"])
    again = questions_embed(model=model, questions=["three", "four", "one"])
    assert model.asked == ["one", "three", "four"]
    assert np.array_equal(again[[2, 0]], first)


def test_another_space_has_vectors_of_its_own() -> None:
    one, other = Counting(), Counting()
    other.name = "other"
    questions_embed(model=one, questions=["one"])
    questions_embed(model=other, questions=["one"])
    assert other.asked == ["one"]


def test_it_can_be_turned_off(settings: Settings) -> None:
    settings.RAG = {**settings.RAG, "QUERY_CACHE_SECONDS": 0}
    model = Counting()
    for _ in range(2):
        questions_embed(model=model, questions=["one"])
    assert model.asked == ["one", "one"]


def test_the_keys_do_not_show_the_question(monkeypatch: pytest.MonkeyPatch) -> None:
    keys: list[str] = []
    monkeypatch.setattr(cache, "set_many", lambda v, s: keys.extend(v))
    questions_embed(model=Counting(), questions=["How much does Ada earn?"])
    assert keys
    assert "Ada" not in "".join(keys)


def test_a_cache_out_of_reach_costs_only_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise Unreachable

    monkeypatch.setattr(cache, "get_many", broken)
    monkeypatch.setattr(cache, "set_many", broken)
    model = Counting()
    assert questions_embed(model=model, questions=["one"]).shape == (1, 3)


def test_a_damaged_entry_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Counting()
    questions_embed(model=model, questions=["one"])
    monkeypatch.setattr(cache, "get_many", lambda keys: dict.fromkeys(keys, "no vector"))
    assert questions_embed(model=model, questions=["one"]).shape == (1, 3)
    assert model.asked == ["one", "one"]
