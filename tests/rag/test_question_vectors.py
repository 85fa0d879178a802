"""A question is embedded once in a while, however often it is asked."""

from collections.abc import Sequence

import numpy as np
from django.core.cache import cache
from pytest_django import Settings

from rag.embedders.base import Embedder, Kind, Vectors
from rag.question_vectors import questions_embed
from utils.remembering import key_of


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


def test_the_keys_do_not_show_the_question() -> None:
    question = "How much does Ada earn?"
    assert question not in key_of("question", "model", question)
    assert key_of("question", "model", question) != key_of("question", "mode", "l" + question)


def test_a_cache_out_of_reach_costs_only_the_cache(settings: Settings) -> None:
    backend = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = settings.CACHES | {"default": {"BACKEND": backend, "LOCATION": "redis://127.0.0.1:1/0"}}
    assert questions_embed(model=Counting(), questions=["one"]).shape == (1, 3)


def test_a_damaged_entry_is_made_anew() -> None:
    model = Counting()
    cache.set(key_of("question", model.name, "one"), "no vector", 60)
    assert questions_embed(model=model, questions=["one"]).shape == (1, 3)
    assert model.asked == ["one"]
