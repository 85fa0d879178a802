"""Faults in a knowledge base and its indexes, made on purpose: what bugs, crashes and bad disks leave behind."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from unittest.mock import patch
from uuid import uuid4

import numpy as np

from documents.models import Chunk, Collection
from documents.selectors import chunks_after
from documents.services import Submission, collection_default, documents_submit
from rag.entries import lexical_record, vector_record
from rag.feed import Follower
from rag.followers import LexicalFollower, VectorFollower, followers
from rag.indexing import index_pending
from rag.lexical.records import LexicalEntry, document_of
from rag.stores.base import VectorRecord
from rag.stores.faiss import FaissStore
from rag.stores.segments import Segment
from rag.vectors import space_find, vectors_get

_SUBJECTS = ("harbour", "library", "kitchen", "orchard", "observatory", "railway", "theatre", "workshop", "stable")
_RULES = (
    "opens at",
    "closes before",
    "charges a fee of",
    "admits groups of",
    "keeps records for",
    "is inspected after",
)


def knowledge(count: int) -> Collection:
    """As many passages, each a document of its own, indexed as a worker does it."""
    collection = collection_default()
    texts = (
        f"The {_SUBJECTS[n % len(_SUBJECTS)]} number {n} {_RULES[n % len(_RULES)]} {n * 37 % 1009}, district {n % 83}."
        for n in range(count)
    )
    while some := list(islice(texts, 500)):
        documents_submit(
            submissions=[Submission(text.encode(), f"{_name(text)}.txt", _name(text)) for text in some],
            collection=collection,
        )
    while index_pending(worker="host:1:a"):
        pass
    return collection


def _name(text: str) -> str:
    return "-".join(text.split()[1:4])


def index_named(prefix: str) -> Follower:
    return next(follower for follower in followers() if follower.name.startswith(prefix))


def seed(follower: Follower, count: int) -> dict[str, list[str]]:
    """So many faults of each kind that the index can have, each in other entries. Returns their ids by kind."""
    kinds: dict[str, Callable[[Sequence[Chunk]], list[str]]]
    if isinstance(follower, LexicalFollower):
        kinds = _lexical_faults(follower)
    else:
        assert isinstance(follower, VectorFollower)
        kinds = _vector_faults(follower)
    chunks = list(chunks_after(last=""))
    assert len(chunks) >= count * (len(kinds) - 1), "orphans need no chunk, every other fault one"
    parts = {kind: chunks[n * count : (n + 1) * count] for n, kind in enumerate(sorted(kinds, key="orphaned".__eq__))}
    parts["orphaned"] = chunks[:count]
    return {kind: make(parts[kind]) for kind, make in kinds.items()}


def _ids(chunks: Sequence[Chunk]) -> list[str]:
    return [chunk.pk for chunk in chunks]


def _lexical_faults(follower: LexicalFollower) -> dict[str, Callable[[Sequence[Chunk]], list[str]]]:
    index = follower.index

    def missing(chunks: Sequence[Chunk]) -> list[str]:
        index.delete(_ids(chunks))
        return _ids(chunks)

    def orphaned(chunks: Sequence[Chunk]) -> list[str]:
        records = [replace(lexical_record(chunk), id=f"{uuid4().hex}:1:0") for chunk in chunks]
        index.upsert(records)
        return [record.id for record in records]

    def stale(chunks: Sequence[Chunk]) -> list[str]:
        moved = [replace(lexical_record(chunk), collection=uuid4().hex) for chunk in chunks[::2]]
        index.upsert(moved + [replace(lexical_record(chunk), text="Of another time.") for chunk in chunks[1::2]])
        return _ids(chunks)

    def duplicate(chunks: Sequence[Chunk]) -> list[str]:
        with index._writing() as writer:
            for chunk in chunks:
                writer.add_document(document_of(lexical_record(chunk)))
        return _ids(chunks)

    def corrupt(chunks: Sequence[Chunk]) -> list[str]:
        with patch.object(LexicalEntry, "seal", "00000000"):
            index.upsert([lexical_record(chunk) for chunk in chunks])
        return _ids(chunks)

    return {
        "missing": missing,
        "orphaned": orphaned,
        "stale": stale,
        "duplicate": duplicate,
        "corrupt": corrupt,
    }


def _vector_faults(follower: VectorFollower) -> dict[str, Callable[[Sequence[Chunk]], list[str]]]:
    store = follower.store

    def records(chunks: Sequence[Chunk]) -> list[VectorRecord]:
        space = space_find(follower.model)
        assert space
        vectors = vectors_get(space=space, hashes=[bytes(chunk.embedding_hash) for chunk in chunks])
        return [vector_record(chunk, vectors[bytes(chunk.embedding_hash)]) for chunk in chunks]

    def missing(chunks: Sequence[Chunk]) -> list[str]:
        store.delete(_ids(chunks))
        return _ids(chunks)

    def orphaned(chunks: Sequence[Chunk]) -> list[str]:
        strange = [replace(record, id=f"{uuid4().hex}:1:0") for record in records(chunks)]
        store.upsert(strange)
        return [record.id for record in strange]

    def stale(chunks: Sequence[Chunk]) -> list[str]:
        good = records(chunks)
        store.upsert([replace(record, collection=uuid4().hex) for record in good[::2]])
        turned = [replace(record, vector=np.roll(record.vector, 7)) for record in good[1::2]]
        store.upsert(turned)
        return _ids(chunks)

    def duplicate(chunks: Sequence[Chunk]) -> list[str]:
        # A writer that does not see what is there already.
        with patch.object(Segment, "dead_without", lambda segment, _: segment.dead.copy()):
            store.upsert(records(chunks))
        return _ids(chunks)

    def corrupt(chunks: Sequence[Chunk]) -> list[str]:
        damaged = []
        for number, record in enumerate(records(chunks)):
            vector = record.vector.copy()
            vector[number % len(vector)] += 0.06
            damaged.append(replace(record, vector=vector))
        store.upsert(damaged)
        return _ids(chunks)

    kinds: dict[str, Callable[[Sequence[Chunk]], list[str]]] = {
        "missing": missing,
        "orphaned": orphaned,
        "stale": stale,
        "corrupt": corrupt,
    }
    return kinds | {"duplicate": duplicate} if isinstance(store, FaissStore) else kinds
