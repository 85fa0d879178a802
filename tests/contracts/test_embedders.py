"""What every embedder does, online or offline."""

import re
from collections.abc import Iterator

import numpy as np
import pytest
from django.conf import settings

from rag.embedders.base import Embedder
from rag.embedders.local import LocalEmbedder
from rag.embedders.mistral import MistralEmbedder
from tests.loopback.mistral import LoopbackMistral

pytestmark = pytest.mark.once

SHORT = "The library is closed on Sundays."
TEXTS = [
    SHORT,
    "Refunds are paid within fourteen days. " * 30,
    "Cats.",
    "A train ticket bought online can be changed once before departure, free of charge.",
    "The password of an account must have twelve characters or more. " * 8,
]


class EmbedderContract:
    """A subclass gives the fixture ``embedder``."""

    def test_a_text_becomes_a_vector_of_length_one(self, embedder: Embedder) -> None:
        vectors = embedder.embed(TEXTS, "document")
        assert vectors.shape == (len(TEXTS), embedder.dimensions)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)

    def test_vectors_come_in_the_order_of_the_texts_whatever_their_lengths(self, embedder: Embedder) -> None:
        together = embedder.embed(TEXTS, "document")
        alone = np.concatenate([embedder.embed([text], "document") for text in TEXTS])
        assert (together @ alone.T).argmax(axis=1).tolist() == list(range(len(TEXTS)))
        assert (together * alone).sum(axis=1).min() > 0.98

    def test_more_texts_than_one_call_takes_are_all_embedded(self, embedder: Embedder) -> None:
        texts = [f"Room {number}" for number in range(2 * embedder.max_batch_inputs + 3)]
        vectors = embedder.embed(texts, "document")
        assert vectors.shape == (len(texts), embedder.dimensions)
        assert float(vectors[-1] @ embedder.embed(texts[-1:], "document")[0]) > 0.98

    def test_no_texts_become_no_vectors(self, embedder: Embedder) -> None:
        assert embedder.embed([], "document").shape == (0, embedder.dimensions)

    def test_the_same_text_has_the_same_vector(self, embedder: Embedder) -> None:
        np.testing.assert_allclose(embedder.embed([SHORT], "query"), embedder.embed([SHORT], "query"), atol=1e-6)

    def test_a_question_is_nearer_to_the_text_that_answers_it(self, embedder: Embedder) -> None:
        question = embedder.embed(["Is the library open on Sundays?"], "query")[0]
        nearness = embedder.embed(TEXTS, "document") @ question
        assert int(nearness.argmax()) == TEXTS.index(SHORT)

    def test_tokens_are_counted_text_by_text(self, embedder: Embedder) -> None:
        assert embedder.count_tokens([]) == []
        counts = embedder.count_tokens(["", "Cats.", SHORT, SHORT * 20])
        assert counts == sorted(counts)
        assert counts[2] >= len(SHORT.split())
        assert counts[3] > 15 * counts[2] / 2

    @pytest.mark.parametrize("text", ["word " * 20_000, "0123456789" * 5_000, "漢字" * 10_000, "x" * 50_000])
    def test_a_text_longer_than_the_model_reads_is_cut_not_refused(self, embedder: Embedder, text: str) -> None:
        assert embedder.embed([text, SHORT], "document").shape == (2, embedder.dimensions)

    @pytest.mark.parametrize(
        "text", ["", " \n\t ", "🙂👩‍👩‍👧‍👦", "Größe, naïve, Ελλάδα, Київ, 東京, العربية", "\x00\u200b\ufeff"]
    )
    def test_any_text_has_a_vector(self, embedder: Embedder, text: str) -> None:
        vector = embedder.embed([text], "document")[0]
        assert np.isfinite(vector).all()
        assert float(np.linalg.norm(vector)) == pytest.approx(1, abs=1e-5)

    def test_the_name_can_name_a_vector_space(self, embedder: Embedder) -> None:
        assert re.fullmatch(r"[a-z0-9-]+", embedder.name)


@pytest.fixture(scope="module")
def mistral() -> Iterator[Embedder]:
    with LoopbackMistral() as server:
        config = {"api_key": server.key, "server_url": server.url, "embed_model": "mistral-embed"}
        yield MistralEmbedder.from_settings({"MISTRAL": config})


@pytest.fixture(scope="module")
def local() -> Embedder:
    return LocalEmbedder.from_settings(settings.RAG)


class TestMistralEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, mistral: Embedder) -> Embedder:
        return mistral


class TestLocalEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, local: Embedder) -> Embedder:
        return local
