"""What an index holds of a chunk."""

from uuid import UUID

import numpy as np
import numpy.typing as npt

from documents.models import Chunk
from rag.lexical.records import LexicalEntry, LexicalRecord
from rag.stores.base import VectorRecord
from rag.vectors import embedding_text

Entry = VectorRecord | LexicalEntry
"""What an index holds of one chunk."""


def vector_record(chunk: Chunk, vector: npt.NDArray[np.float32], draft: bool | None = None) -> VectorRecord:
    """``draft``: see :func:`collection_label`; None: as the chunk's version is now."""
    return VectorRecord(
        id=chunk.pk,
        vector=vector,
        collection=_label(chunk, draft),
        category=str(chunk.version.document.category_id or ""),
    )


def lexical_record(chunk: Chunk, draft: bool | None = None) -> LexicalRecord:
    """``draft``: see :func:`collection_label`; None: as the chunk's version is now."""
    return LexicalRecord(
        id=chunk.pk,
        text=embedding_text(title=chunk.version.title, heading=chunk.heading, text=chunk.text),
        collection=_label(chunk, draft),
        category=str(chunk.version.document.category_id or ""),
    )


def collection_label(collection: UUID, *, draft: bool) -> str:
    """What an index knows a collection by. Drafts have a label of their own: only who asks for them meets them.

    Where a change is taken in it follows from that, not from the present state: a version that has been superseded
    since is still found by whoever searches at the revision that published it.
    """
    return f"draft-{collection.hex}" if draft else collection.hex


def _label(chunk: Chunk, draft: bool | None) -> str:
    return collection_label(
        chunk.version.document.collection_id, draft=chunk.version.drafted if draft is None else draft
    )
