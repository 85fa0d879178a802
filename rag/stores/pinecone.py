"""Vectors in a Pinecone index; a space is a namespace of it."""

import math
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Self, TypeVar

import numpy as np
import numpy.typing as npt
from pinecone import Index
from pinecone.errors import NotFoundError
from pinecone.models.vectors.responses import ListResponse

from rag.errors import ProviderUnavailable
from rag.pinecone_client import connect, translated
from rag.retry import retry
from rag.stores.base import VectorHit, VectorRecord, VectorStore, Where

MAX_UPSERT = 100
MAX_UPSERT_BYTES = 2_000_000
MAX_DELETE = 1000
QUERY_TIMEOUT = 5.0
"""Seconds: somebody waits for the answer."""
MAX_TOP_K = 10_000
PAGE = 100
MAX_FETCH = 100
"""Their ids go into the address of the request."""
T = TypeVar("T")


class PineconeStore(VectorStore):
    """A namespace of a serverless index with the cosine metric.

    Each request is tried again by rag/retry.py until ``PROVIDER_TIMEOUT`` seconds are over; the SDK's own retries are
    off. Nothing is sent before the first use.
    """

    shared: ClassVar[bool] = True

    def __init__(self, space: str, dimensions: int, settings: Mapping[str, str], timeout: float) -> None:
        """``settings`` is ``settings.RAG["PINECONE"]``; ``timeout`` is the total for one request, in seconds."""
        super().__init__(space, dimensions)
        self._settings = settings
        self._timeout = timeout
        self._index: Index | None = None

    @classmethod
    def from_settings(cls, config: Mapping[str, Any], space: str, dimensions: int) -> Self:
        return cls(space, dimensions, config["PINECONE"], config["PROVIDER_TIMEOUT"])

    def upsert(self, records: Sequence[VectorRecord]) -> None:
        """Raises ProviderError. What came before the batch that failed is stored; writing it again does no harm."""
        latest = list({record.id: record for record in records}.values())
        # A number takes up to 24 bytes in JSON, and 1000 are for the rest of a record.
        size = max(1, min(MAX_UPSERT, MAX_UPSERT_BYTES // (24 * self.dimensions + 1000)))
        for start in range(0, len(latest), size):
            self._call(partial(self._upsert, latest[start : start + size]))

    def delete(self, ids: Iterable[str]) -> None:
        possible = [key for key in dict.fromkeys(ids) if key and key.isascii()]
        for start in range(0, len(possible), MAX_DELETE):
            self._call(partial(self._delete, ids=possible[start : start + MAX_DELETE]))

    def query(self, vector: npt.NDArray[np.float32], top_k: int, where: Where) -> list[VectorHit]:
        """At most 10,000 hits. Raises ProviderError."""
        if top_k < 1 or not where.collections:
            return []
        condition = {"collection": {"$in": sorted(where.collections)}}
        if where.categories:
            condition["category"] = {"$in": sorted(where.categories)}
        answer = self._call(
            lambda index, timeout: index.query(
                vector=vector.tolist(),
                top_k=min(top_k, MAX_TOP_K),
                filter=condition,
                namespace=self.space,
                timeout=timeout,
            ),
            most=QUERY_TIMEOUT,
        )
        return [VectorHit(match.id, min(1.0, max(-1.0, match.score))) for match in answer.matches]

    def list_ids(self) -> Iterator[str]:
        token: str | None = None
        while True:
            page = self._call(partial(self._page, token))
            yield from (item.id for item in page.vectors if item.id)
            token = page.pagination.next if page.pagination else None
            if token is None:
                return

    def fetch(self, ids: Sequence[str]) -> list[VectorRecord]:
        possible = [key for key in dict.fromkeys(ids) if key and key.isascii()]
        found: list[VectorRecord] = []
        for start in range(0, len(possible), MAX_FETCH):
            found += self._call(partial(self._fetch, possible[start : start + MAX_FETCH]))
        return found

    def count(self) -> int:
        stats = self._call(lambda index, timeout: index.describe_index_stats(timeout=timeout))
        summary = stats.namespaces.get(self.space)
        return summary.vector_count if summary else 0

    def clear(self) -> None:
        self._call(partial(self._delete, delete_all=True))

    def _call(self, operation: Callable[[Index, float], T], most: float = math.inf) -> T:
        """``operation`` gets the index and the seconds that it may take. The one way to the service."""

        def attempt(timeout: float) -> T:
            deadline = time.monotonic() + timeout
            with translated(self._settings, self.dimensions):
                if self._index is None:
                    self._index = connect(self._settings, timeout)
                    weakref.finalize(self, self._index.close)
                return operation(self._index, max(0.1, deadline - time.monotonic()))

        return retry(attempt, timeout=min(self._timeout, most), kind="store", provider="pinecone")

    def _upsert(self, records: Sequence[VectorRecord], index: Index, timeout: float) -> None:
        vectors = [
            {
                "id": record.id,
                "values": record.vector.tolist(),
                "metadata": {"collection": record.collection, "category": record.category},
            }
            for record in records
        ]
        # Not with the SDK's own batches: where one of them fails, it raises nothing.
        stored = index.upsert(vectors=vectors, namespace=self.space, timeout=timeout).upserted_count
        if stored != len(records):
            raise ProviderUnavailable(f"Pinecone stored {stored} of {len(records)} vectors.")

    def _delete(self, index: Index, timeout: float, **what: Any) -> None:
        try:
            index.delete(namespace=self.space, timeout=timeout, **what)
        except NotFoundError:
            # A namespace comes to be with its first vector, so there is nothing to delete; or the index is missing.
            index.describe_index_stats(timeout=timeout)

    def _fetch(self, ids: Sequence[str], index: Index, timeout: float) -> list[VectorRecord]:
        vectors = index.fetch(ids=ids, namespace=self.space, timeout=timeout).vectors
        return [
            VectorRecord(
                id=key,
                vector=np.array(vector.values, dtype=np.float32),
                collection=str((vector.metadata or {}).get("collection", "")),
                category=str((vector.metadata or {}).get("category", "")),
            )
            for key, vector in vectors.items()
        ]

    def _page(self, token: str | None, index: Index, timeout: float) -> ListResponse:
        return index.list_paginated(namespace=self.space, limit=PAGE, pagination_token=token, timeout=timeout)
