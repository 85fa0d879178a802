"""The boundary to whatever finds the nearest vectors."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class VectorRecord:
    """A chunk's vector and the labels by which a search may be narrowed."""

    id: str
    """ASCII, at most 64 characters; ``document:version:position``."""
    vector: npt.NDArray[np.float32]
    collection: str
    category: str


@dataclass(frozen=True, slots=True)
class VectorHit:
    id: str
    score: float
    """Cosine of the angle to the question, -1 to 1."""


@dataclass(frozen=True, slots=True)
class Where:
    """What a search may touch. No collections: nothing is found. No categories named: all of them."""

    collections: frozenset[str]
    categories: frozenset[str] | None = None


class VectorStore(ABC):
    """Vectors of one space, found by their nearness. Derived from the database: it may be thrown away and rebuilt.

    A write is durable and seen by every process of the machine (``shared``: of every machine, after the service's own
    lag) when the call returns. Any number of threads and processes may query while one writes; writers are kept apart
    by the caller (rag/indexing.py). Errors of a service are translated to rag.errors.ProviderError.
    """

    shared: ClassVar[bool]
    """True if all machines see one copy; False if each machine holds its own."""

    def __init__(self, space: str, dimensions: int) -> None:
        """``space`` names the vector space; it is safe as a file and namespace name (``[a-z0-9-]+``)."""
        self.space = space
        self.dimensions = dimensions

    @classmethod
    @abstractmethod
    def from_settings(cls, config: Mapping[str, Any], space: str, dimensions: int) -> Self:
        """Built from ``settings.RAG``. Must be quick and must not connect to anything."""

    @abstractmethod
    def upsert(self, records: Sequence[VectorRecord]) -> None:
        """Add the records; one with an id that is there already replaces it."""

    @abstractmethod
    def delete(self, ids: Iterable[str]) -> None:
        """Remove these ids; one that is not there is not an error."""

    @abstractmethod
    def query(self, vector: npt.NDArray[np.float32], top_k: int, where: Where) -> list[VectorHit]:
        """At most ``top_k`` hits within ``where``, nearest first. ``vector`` has shape (dimensions,) and length 1."""

    @abstractmethod
    def list_ids(self) -> Iterator[str]:
        """Every id, in no particular order, each once (as often as it is there, where a store holds it twice)."""

    @abstractmethod
    def fetch(self, ids: Sequence[str]) -> list[VectorRecord]:
        """The records with these ids as they are stored, in no particular order; what is not there is left out.

        A record that the store holds twice, which should not be, comes twice.
        """

    def vectors(self, ids: Iterable[str]) -> dict[str, npt.NDArray[np.float32]]:
        """The vectors with these ids, of length 1, as far as they are on this machine; a service is not asked."""
        return {}

    def verify(self) -> list[str]:
        """Compares the store's own files with their checksums: one sentence for each fault."""
        return []

    def discard_damaged(self) -> None:
        """Let go of the files that are damaged. The records that were in them can then be stored again."""
        if self.verify():
            self.clear()

    @abstractmethod
    def count(self) -> int:
        """How many vectors are stored."""

    @abstractmethod
    def clear(self) -> None:
        """Remove everything of this space."""
