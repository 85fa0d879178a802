"""One index of the Pinecone stand-in: namespaces of vectors, what may be asked of them, and the service's lag."""

import operator
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

MAX_UPSERT = 100
MAX_UPSERT_BYTES = 2 * 1024 * 1024
MAX_DELETE = 1000
MAX_TOP_K = 10_000
MAX_PAGE = 100
MAX_FETCH = 1000
MAX_ID_LENGTH = 512


class Refused(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


@dataclass(frozen=True, slots=True)
class StoredVector:
    values: npt.NDArray[np.float32]
    metadata: dict[str, Any]


Namespaces = dict[str, dict[str, StoredVector]]


@dataclass(slots=True)
class Index:
    """``written`` is the log of writes taken to its end, ``seen`` is what reads answer from."""

    name: str
    dimension: int
    metric: str = "cosine"
    deployment: dict[str, Any] = field(default_factory=dict)
    asks_until_ready: int = 0
    written: Namespaces = field(default_factory=dict)
    seen: Namespaces = field(default_factory=dict)
    pending: deque[tuple[float, Callable[[Namespaces], None]]] = field(default_factory=deque)

    def catch_up(self, now: float) -> None:
        """Reads see from now on what was due by ``now``."""
        while self.pending and self.pending[0][0] <= now:
            self.pending.popleft()[1](self.seen)

    def _write(self, change: Callable[[Namespaces], None], lag: float) -> None:
        change(self.written)
        self.pending.append((time.monotonic() + lag, change))

    def _read(self, namespace: str) -> dict[str, StoredVector]:
        self.catch_up(time.monotonic())
        return self.seen.get(namespace, {})

    def upsert(self, namespace: str, vectors: list[Any], size: int, lag: float, *, lose_one: bool) -> Any:
        """``size`` is that of the request in bytes."""
        if not 0 < len(vectors) <= MAX_UPSERT:
            raise Refused(400, f"Upsert {len(vectors)} vectors: the limit is {MAX_UPSERT}")
        if size > MAX_UPSERT_BYTES:
            raise Refused(413, f"Request size {size} exceeds the limit of {MAX_UPSERT_BYTES} bytes")
        new = {_checked_id(vector["id"]): self._checked_vector(vector) for vector in vectors}
        if lose_one:
            new.popitem()
        self._write(lambda spaces: spaces.setdefault(namespace, {}).update(new), lag)
        return {"upsertedCount": len(new)}

    def delete(self, namespace: str, body: Mapping[str, Any], lag: float) -> Any:
        if body.get("filter"):
            raise Refused(400, "Serverless and Starter indexes do not support deleting with metadata filtering")
        if namespace not in self.written:
            raise Refused(404, "Namespace not found")
        ids = [] if body.get("deleteAll") else body["ids"]
        if not body.get("deleteAll") and not 0 < len(ids) <= MAX_DELETE:
            raise Refused(400, f"Delete {len(ids)} ids: the limit is {MAX_DELETE}")
        gone = set(map(_checked_id, ids))

        def remove(spaces: Namespaces) -> None:
            vectors = spaces.pop(namespace, {})
            if gone:
                spaces[namespace] = {key: vector for key, vector in vectors.items() if key not in gone}

        self._write(remove, lag)
        return {}

    def query(self, namespace: str, body: Mapping[str, Any]) -> Any:
        if not 1 <= body["topK"] <= MAX_TOP_K:
            raise Refused(400, f"topK must be between 1 and {MAX_TOP_K}")
        question = self._checked_values(body["vector"])
        matches = []
        for key, vector in self._read(namespace).items():
            if matches_filter(vector.metadata, body.get("filter") or {}):
                lengths = np.linalg.norm(question) * np.linalg.norm(vector.values)
                match = {"id": key, "score": float(question @ vector.values / lengths), "values": []}
                matches.append(match | ({"metadata": vector.metadata} if body.get("includeMetadata") else {}))
        matches.sort(key=operator.itemgetter("score"), reverse=True)
        return {"matches": matches[: body["topK"]], "namespace": namespace, "usage": {"readUnits": 1}}

    def list_ids(self, namespace: str, query: Mapping[str, str]) -> Any:
        limit = int(query.get("limit", MAX_PAGE))
        if not 1 <= limit <= MAX_PAGE:
            raise Refused(400, f"limit must be between 1 and {MAX_PAGE}")
        after, prefix = query.get("paginationToken", ""), query.get("prefix", "")
        keys = sorted(key for key in self._read(namespace) if key > after and key.startswith(prefix))
        page: dict[str, Any] = {"vectors": [{"id": key} for key in keys[:limit]], "namespace": namespace}
        if len(keys) > limit:
            page["pagination"] = {"next": keys[limit - 1]}
        return page | {"usage": {"readUnits": 1}}

    def fetch(self, namespace: str, keys: list[str]) -> Any:
        if not 0 < len(keys) <= MAX_FETCH:
            raise Refused(400, f"Fetch {len(keys)} ids: the limit is {MAX_FETCH}")
        seen = self._read(namespace)
        found = {
            key: {"id": key, "values": seen[key].values.tolist(), "metadata": seen[key].metadata}
            for key in map(_checked_id, keys)
            if key in seen
        }
        return {"vectors": found, "namespace": namespace, "usage": {"readUnits": 1}}

    def stats(self) -> Any:
        self.catch_up(time.monotonic())
        return {
            "namespaces": {name: {"vectorCount": len(vectors)} for name, vectors in self.seen.items()},
            "dimension": self.dimension,
            "indexFullness": 0,
            "totalVectorCount": sum(map(len, self.seen.values())),
            "metric": self.metric,
            "vectorType": "dense",
        }

    def namespaces(self) -> Any:
        self.catch_up(time.monotonic())
        described = [self.namespace(name) for name in self.seen]
        return {"namespaces": described, "total_count": len(described)}

    def namespace(self, name: str) -> Any:
        if name not in self.written:
            raise Refused(404, "Namespace not found")
        return {"name": name, "record_count": str(len(self._read(name)))}

    def _checked_vector(self, vector: Mapping[str, Any]) -> StoredVector:
        metadata = vector.get("metadata") or {}
        for name, value in metadata.items():
            strings = isinstance(value, list) and all(isinstance(item, str) for item in value)
            if not isinstance(value, str | bool | int | float) and not strings:
                raise Refused(400, f"Metadata value must be a string, number, boolean or list of strings: {name}")
        return StoredVector(self._checked_values(vector["values"]), metadata)

    def _checked_values(self, values: list[float]) -> npt.NDArray[np.float32]:
        if len(values) != self.dimension:
            raise Refused(
                400, f"Vector dimension {len(values)} does not match the dimension of the index {self.dimension}"
            )
        array = np.array(values, dtype=np.float32)
        if not array.any():
            raise Refused(400, "Dense vectors must contain at least one non-zero value")
        return array


def _checked_id(key: Any) -> str:
    if not isinstance(key, str) or not 0 < len(key) <= MAX_ID_LENGTH or not key.isascii():
        raise Refused(400, f"Vector ID must be 1 to {MAX_ID_LENGTH} ASCII characters, got {key!r}")
    return key


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": lambda value, wanted: wanted in value if isinstance(value, list) else value == wanted,
    "$ne": lambda value, wanted: not _COMPARISONS["$eq"](value, wanted),
    "$in": lambda value, wanted: any(_COMPARISONS["$eq"](value, one) for one in wanted),
    "$nin": lambda value, wanted: not _COMPARISONS["$in"](value, wanted),
    "$gt": lambda value, wanted: isinstance(value, int | float) and value > wanted,
    "$gte": lambda value, wanted: isinstance(value, int | float) and value >= wanted,
    "$lt": lambda value, wanted: isinstance(value, int | float) and value < wanted,
    "$lte": lambda value, wanted: isinstance(value, int | float) and value <= wanted,
    "$exists": lambda value, wanted: (value is not None) == wanted,
}


def matches_filter(metadata: Mapping[str, Any], condition: Mapping[str, Any]) -> bool:
    """Pinecone's filter language. Several conditions in one object must all hold."""
    for name, wanted in condition.items():
        if name in ("$and", "$or"):
            holds = (all if name == "$and" else any)(matches_filter(metadata, one) for one in wanted)
        elif name.startswith("$"):
            raise Refused(400, f"Unknown filter operator {name}")
        else:
            comparisons = wanted if isinstance(wanted, dict) else {"$eq": wanted}
            if unknown := comparisons.keys() - _COMPARISONS.keys():
                raise Refused(400, f"Unknown filter operators {sorted(unknown)}")
            holds = all(_COMPARISONS[sign](metadata.get(name), value) for sign, value in comparisons.items())
        if not holds:
            return False
    return True
