"""The boundary to whatever turns text into vectors."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt

from rag.errors import ProviderRejected
from rag.privacy.policy import question_worded
from rag.retry import retry

Kind = Literal["query", "document"]
Vectors = npt.NDArray[np.float32]


class Embedder(ABC):
    """Texts to unit vectors. This class batches within the provider's limits and retries; subclasses make one call."""

    name: str
    """The vector space: vectors of two embedders may be compared only if their names are equal."""
    dimensions: int
    max_tokens: int
    """The longest text that the model reads; what is beyond is not seen."""
    languages: ClassVar[frozenset[str] | None] = None
    """Those that the model understands (ISO 639-1), None: all. Elsewhere its vectors say nothing and are not used."""
    local: ClassVar[bool] = False
    """Runs on this machine: costs nothing and is always there."""
    max_batch_inputs: ClassVar[int] = 64
    max_batch_tokens: ClassVar[int] = 1_000_000
    price: float | None = None
    """US dollars for a million tokens, by the provider's list; None where it is not known."""
    price_date: str = ""
    """When that was the price: year and month."""

    @classmethod
    @abstractmethod
    def from_settings(cls, config: Mapping[str, Any]) -> Self:
        """Built from ``settings.RAG``. Must be quick and must not connect to anything or load a model."""

    @abstractmethod
    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text as this model counts them, or an estimate that is not too low."""

    @abstractmethod
    def _embed_batch(self, texts: Sequence[str], kind: Kind, timeout: float) -> Vectors:
        """One call within the limits: shape (len(texts), dimensions), any length. Raises ProviderError; no retries."""

    def _sizes(self, texts: Sequence[str]) -> list[int]:
        """What batches are measured with: tokens, or for a model without a limit on them anything that grows alike."""
        return self.count_tokens(texts)

    def embed(self, texts: Sequence[str], kind: Kind, *, timeout: float = 30) -> Vectors:
        """Shape (len(texts), dimensions), in the order of ``texts``; every row has length 1.

        ``timeout`` is the total for one batch, in seconds, with its retries. Raises ProviderError.
        """
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        if kind == "query" and not self.local:
            # The door: passages come with their collection's policy applied (rag/vectors.py), questions as they are.
            texts = [question_worded(text) for text in texts]
        parts: list[Vectors] = []
        order: list[int] = []
        for positions in self._batches(texts):
            batch = [texts[position] for position in positions]
            vectors = retry(
                partial(self._embed_batch, batch, kind), timeout=timeout, kind="embedder", provider=self.name
            )
            if vectors.shape != (len(batch), self.dimensions):
                raise ProviderRejected(
                    f"{self.name} answered vectors of shape {vectors.shape}, not {(len(batch), self.dimensions)}."
                )
            parts.append(vectors.astype(np.float32, copy=False))
            order.extend(positions)
        stacked = np.concatenate(parts)
        lengths = np.linalg.norm(stacked, axis=1, keepdims=True)
        result = np.empty_like(stacked)
        result[order] = stacked / np.maximum(lengths, 1e-12)
        return result

    def calls(self, texts: Sequence[str]) -> int:
        """How many requests :meth:`embed` would send for these texts, without any that has to be repeated."""
        return sum(1 for _ in self._batches(texts))

    def _batches(self, texts: Sequence[str]) -> Iterator[list[int]]:
        """Positions of texts, a list for each call. Texts of like length go together: a model pads to the longest."""
        counts = self._sizes(texts)
        batch: list[int] = []
        tokens = 0
        for position in sorted(range(len(texts)), key=counts.__getitem__):
            count = min(counts[position], self.max_tokens)
            if batch and (len(batch) == self.max_batch_inputs or tokens + count > self.max_batch_tokens):
                yield batch
                batch, tokens = [], 0
            batch.append(position)
            tokens += count
        if batch:
            yield batch
