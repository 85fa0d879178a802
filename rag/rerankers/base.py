"""The boundary to whatever reads question and passage together and says how well they fit."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Self


class Reranker(ABC):
    """Puts the best hits of a search in a better order. It is not needed: where it fails, the order stays."""

    name: str

    @classmethod
    @abstractmethod
    def from_settings(cls, config: Mapping[str, Any]) -> Self:
        """Built from ``settings.RAG``. Must be quick and must not connect to anything."""

    @abstractmethod
    def scores(self, question: str, passages: Sequence[str], *, timeout: float) -> list[float]:
        """A number for each passage, in their order, higher for a better fit; numbers of one call may be compared.

        One try, within ``timeout`` seconds in all. Raises ProviderError.
        """
