"""What a rehearsal runs: ``python -m background_tasks.backups.scratch NAME`` with the settings config.settings.scratch.

Restores the backup, builds the indexes from its vectors, asks them for some passages, and prints what there was.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import django

if __name__ == "__main__":
    django.setup()

from django.conf import settings
from django.db.models import Count

from background_tasks.backups.errors import BackupRefused
from background_tasks.backups.restoring import backup_restore
from documents.models import Chunk
from documents.selectors import chunks_after
from rag.boundaries import lexical_index
from rag.embedders.base import Embedder, Kind, Vectors
from rag.entries import collection_label
from rag.errors import ProviderRejected
from rag.followers import LexicalFollower, VectorFollower
from rag.models import Space
from rag.stores.base import Where
from rag.stores.faiss import FaissStore
from rag.vectors import vectors_get
from utils.errors import GroundedError

_ASKED = 20
_SAME = 0.99
"""Cosine of a vector and itself, at the precision of the store."""


class _Silent(Embedder):
    """Stands for the embedder that made the vectors, and makes none."""

    def __init__(self, space: Space) -> None:
        self.name, self.dimensions, self.max_tokens = space.name, space.dimensions, 0

    @classmethod
    def from_settings(cls, config: Mapping[str, Any]) -> Self:
        raise NotImplementedError

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        raise NotImplementedError

    def _embed_batch(self, texts: Sequence[str], kind: Kind, timeout: float) -> Vectors:
        raise ProviderRejected("A rehearsal embeds nothing.")


def rehearse(name: str) -> dict[str, int]:
    """Raises GroundedError."""
    restored = backup_restore(name=name, indexes=False)
    if restored.warnings:
        raise BackupRefused(" ".join(restored.warnings))
    counts = {"tables": len(restored.manifest.tables), "rows": restored.rows, "files": restored.manifest.files}
    wanted = chunks_after(last="").count()
    words = LexicalFollower(lexical_index())
    words.rebuild()
    if words.count() != wanted:
        raise BackupRefused(f"Of {wanted} passages {words.count()} are in the lexical index.")
    some = list(chunks_after(last="")[:: max(1, wanted // _ASKED)][:_ASKED])
    for chunk in some:
        if not words.index.query(chunk.text, 1, _where(chunk)):
            raise BackupRefused(f"The lexical index does not find the passage {chunk.pk} by its own words.")
    return counts | {"passages": wanted, "asked": len(some), "vectors": _ask_vectors(some)}


def _ask_vectors(some: Sequence[Chunk]) -> int:
    """How many passages have a vector, in the space that has most."""
    space = Space.objects.annotate(size=Count("vectors")).order_by("-size").first()
    if space is None:
        return 0
    directory = Path(settings.RAG["INDEX_DIR"])
    store = FaissStore.from_settings(settings.RAG, space.name, space.dimensions)
    VectorFollower(directory / space.name, store, _Silent(space)).rebuild()
    vectors = vectors_get(space=space, hashes=[bytes(chunk.embedding_hash) for chunk in some])
    for chunk in some:
        vector = vectors.get(bytes(chunk.embedding_hash))
        if vector is None:
            continue
        hits = store.query(vector, 1, _where(chunk))
        if not hits or hits[0].score < _SAME:
            raise BackupRefused(f"The index of vectors does not find the passage {chunk.pk} by its own vector.")
    return store.count()


def _where(chunk: Chunk) -> Where:
    version = chunk.version
    return Where(frozenset({collection_label(version.document.collection_id, draft=version.drafted)}))


def main() -> int:
    try:
        counts = rehearse(sys.argv[1])
    except GroundedError as error:
        sys.stderr.write(f"{error.detail}\n")
        return 1
    sys.stdout.write(f"{json.dumps(counts)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
