"""Sentence vectors from Mistral's embeddings API."""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Self

import numpy as np
from mistralai.client import Mistral

from rag.embedders.base import Embedder, Kind, Vectors
from rag.http import garbled
from rag.mistral_client import SERVICE, connect, translated
from utils import metrics

_PRICES = {"mistral-embed": (0.10, "2026-05")}
_WORD = re.compile(r" ?[A-Za-z][a-z]*")


class MistralEmbedder(Embedder):
    dimensions = 1024
    max_tokens = 8190  # of 8,192; a text that fills them to the last was refused
    max_batch_inputs = 512
    max_batch_tokens = 16_384

    def __init__(self, config: Mapping[str, str]) -> None:
        """``config`` is ``settings.RAG["MISTRAL"]``."""
        self._config = config
        self.name = config["embed_model"]
        if self.name in _PRICES:
            self.price, self.price_date = _PRICES[self.name]

    @classmethod
    def from_settings(cls, config: Mapping[str, Any]) -> Self:
        return cls(config["MISTRAL"])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """An estimate that is not too low: the tokenizer itself is not at hand.

        No token is shorter than a byte of UTF-8, which bounds the count; words in ASCII letters, most a token or
        two, count three fifths of their letters. Against Mistral's 32,000-token vocabulary (in which each digit is a
        token) this was 2.1 to 3.5 times too high for English prose, 1.7 to 3.5 for code, 2.2 to 2.7 for Chinese and
        Japanese, 4 to 4.8 for Russian, and 1.0 to 1.3 for numbers, hexadecimal, base64, JSON and random letters.
        """
        return [_estimate(text) for text in texts]

    def _embed_batch(self, texts: Sequence[str], kind: Kind, timeout: float) -> Vectors:
        inputs = [self._acceptable(text) for text in texts]
        with translated():
            response = self._client.embeddings.create(
                model=self.name, inputs=inputs, timeout_ms=max(1, int(timeout * 1000))
            )
        if response.usage:
            metrics.tokens.labels("embedder", self.name, "prompt").inc(response.usage.prompt_tokens or 0)
        rows = sorted(response.data, key=lambda row: row.index or 0)
        vectors = [row.embedding or [] for row in rows]
        if len(vectors) != len(texts) or len({len(vector) for vector in vectors}) != 1:
            raise garbled(SERVICE)
        return np.array(vectors, dtype=np.float32)

    def _acceptable(self, text: str) -> str:
        """Text that the service does not refuse: some, valid, and as much from its start as the model reads."""
        text = text[: 2 * self.max_tokens].encode("utf-8", "replace").decode()  # lone surrogates become "?"
        if _estimate(text) > self.max_tokens:
            text = text[: bisect_right(range(len(text)), self.max_tokens, key=lambda end: _estimate(text[:end])) - 1]
        return text if text.strip() else "."

    @cached_property
    def _client(self) -> Mistral:
        return connect(self._config)


def _estimate(text: str) -> int:
    shortened = sum(len(word) * 2 // 5 for word in _WORD.findall(text))
    return len(text.encode("utf-8", "replace")) - shortened + 2  # the start mark, and the space put before the text
