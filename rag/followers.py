"""The indexes in use, each with what brings it up to date."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from documents import selectors
from documents.models import Chunk
from documents.selectors import Point
from rag.boundaries import embedder, lexical_index, one_choice, vector_store
from rag.embedders.base import Embedder
from rag.entries import Entry, lexical_record, vector_record
from rag.errors import ProviderError, ProviderRejected
from rag.feed import Follower
from rag.home import database_home
from rag.lexical.index import LexicalIndex
from rag.locks import database_lock
from rag.models import Cursor
from rag.stores.base import VectorRecord, VectorStore
from rag.vectors import space_find, vectors_get

logger = logging.getLogger(__name__)
_INLINE_LIMIT = 5000
_INLINE_PATIENCE = 10.0


class LexicalFollower(Follower):
    name = "lexical"
    wears = True  # BM25 counts deleted entries until their segment is merged

    def __init__(self, index: LexicalIndex) -> None:
        super().__init__(index.directory)
        self.index = index

    def put(self, chunks: Sequence[Chunk], *, draft: bool | None = None) -> None:
        self.index.upsert([lexical_record(chunk, draft) for chunk in chunks])

    def remove(self, ids: Sequence[str]) -> None:
        self.index.delete(ids)

    def clear(self) -> None:
        self.index.clear()

    def count(self) -> int:
        return self.index.count()

    def wanted(self, chunks: Sequence[Chunk], *, draft: bool | None = None) -> Sequence[Entry]:
        return [lexical_record(chunk, draft).entry for chunk in chunks]

    def stored(self, ids: Sequence[str]) -> Sequence[Entry]:
        return self.index.fetch(ids)

    def list_ids(self) -> Iterator[str]:
        return self.index.list_ids()

    def damage(self) -> list[str]:
        return self.index.verify()


class VectorFollower(Follower):
    """A store of this machine's own."""

    def __init__(self, directory: Path, store: VectorStore, model: Embedder) -> None:
        self.name = f"vectors-{store.space}"
        super().__init__(directory)
        self.store, self.model = store, model

    def put(self, chunks: Sequence[Chunk], *, draft: bool | None = None) -> None:
        self.store.upsert(self.wanted(chunks, draft=draft))

    def remove(self, ids: Sequence[str]) -> None:
        self.store.delete(ids)

    def clear(self) -> None:
        self.store.clear()

    def count(self) -> int:
        return self.store.count()

    def wanted(self, chunks: Sequence[Chunk], *, draft: bool | None = None) -> Sequence[VectorRecord]:
        keys = [bytes(chunk.embedding_hash) for chunk in chunks]
        space = space_find(self.model)
        vectors = vectors_get(space=space, hashes=keys) if space else {}
        return [
            vector_record(chunk, vectors[key], draft) for chunk, key in zip(chunks, keys, strict=True) if key in vectors
        ]

    def stored(self, ids: Sequence[str]) -> Sequence[Entry]:
        return self.store.fetch(ids)

    def list_ids(self) -> Iterator[str]:
        return self.store.list_ids()

    def damage(self) -> list[str]:
        return self.store.verify()

    def discard_damaged(self) -> None:
        with self.held():
            self.store.discard_damaged()


class SharedVectorFollower(VectorFollower):
    """A store that all machines share: so is its cursor."""

    shared = True

    @contextmanager
    def held(self, patience: float = -1) -> Iterator[None]:
        """Keep out the writers of this machine, then those of the others."""
        with super().held(patience):
            if self._lock.lock_counter > 1:  # held by this thread already
                yield
            else:
                with database_lock(self.name, patience):
                    yield

    def mended(self, limit: int | None = None, now: Point | None = None) -> bool:
        """Raises ProviderRejected where the database is a copy: the original may still write to the same namespace."""
        home = Cursor.objects.filter(index=self.name).exclude(home="").values_list("home", flat=True).first()
        if home and home != (here := database_home()) and here:
            raise ProviderRejected(
                f"The {self.name} index belongs to a database of which this one is a copy. If this one takes its "
                "place, run `manage.py rebuild_index`; if both stay in use, run `manage.py new_lineage` here."
            )
        return super().mended(limit, now)

    def move(self, to: Point, *, clean: bool) -> None:
        values = to._asdict() | {"home": database_home()} | ({"cleaned": to.revision} if clean else {})
        Cursor.objects.update_or_create(index=self.name, defaults=values)

    def _read(self) -> tuple[Point | None, int]:
        row = Cursor.objects.filter(index=self.name).values_list("lineage", "revision", "cleaned").first()
        return (Point(row[0], row[1]), row[2]) if row else (None, 0)

    def forget(self) -> None:
        Cursor.objects.filter(index=self.name).delete()


def followers() -> list[Follower]:
    """The indexes in use."""
    found: list[Follower] = [LexicalFollower(lexical_index())]
    vectors = vector_follower()
    return [*found, vectors] if vectors else found


def vector_follower() -> VectorFollower | None:
    """That of the store in use; None without an embedder."""
    with one_choice():
        model, store = embedder(), vector_store()
    if model is None or store is None:
        return None
    kind = SharedVectorFollower if store.shared else VectorFollower
    return kind(Path(settings.RAG["INDEX_DIR"]) / store.space, store, model)


def follow_all(*, shared: bool = True) -> None:
    """Bring every index to the present state, however long it takes. Raises ProviderError, OSError.

    Without ``shared`` only those of this machine. One that cannot be written does not keep
    the others from following.
    """
    now = selectors.point()
    trouble: Exception | None = None
    for follower in followers():
        try:
            if shared or not follower.shared:
                follower.follow(now)
        except (ProviderError, OSError) as error:
            trouble = error
    if trouble:
        raise trouble


def follow_for_question(now: Point, local: Sequence[Follower]) -> bool:
    """Bring this machine's indexes to the state ``now`` if that is quickly done; False if one stays behind."""
    current = True
    for follower in local:
        try:
            current &= follower.follow(now, patience=_INLINE_PATIENCE, limit=_INLINE_LIMIT)
        except ProviderError as error:
            logger.error(
                "The %s index cannot be brought up to date (%s); rebuild_index mends it.", follower.name, error
            )
            current = False
        except OSError as error:
            logger.error("The %s index cannot be written (%s); it is used as it stands.", follower.name, error)
            current = False
    return current
