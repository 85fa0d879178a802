"""The vectors in the database: against their checksums, and whether each published chunk has one."""

from collections.abc import Sequence

from documents import selectors
from documents.models import Chunk
from rag.boundaries import embedder
from rag.embedders.base import Embedder
from rag.integrity.findings import Finding, Kind, Tally
from rag.models import Space, Vector
from rag.vectors import (
    NUMBER_SIZE,
    chunk_embedding_text,
    space_ensure,
    space_find,
    text_hash,
    vector_checksum,
    vectors_make,
    vectors_missing,
)

_BATCH = 500


def vectors_check(tally: Tally, *, repair: bool) -> None:
    """Damaged vectors are made again, those of the embedder in use at once, others when they are needed.

    Raises ProviderError.
    """
    model = embedder()
    for space in Space.objects.order_by("pk"):
        _check_space(space, model if model and model.name == space.name else None, tally, repair=repair)
    if model:
        _check_complete(model, tally, repair=repair)


def _check_space(space: Space, model: Embedder | None, tally: Tally, *, repair: bool) -> None:
    last = 0
    while rows := list(Vector.objects.filter(space=space, pk__gt=last).order_by("pk")[:_BATCH]):
        tally.checked += len(rows)
        # One statement writes a vector and its checksum, and none changes them: there is nothing to confirm.
        damaged = [row for row in rows if not _whole(row, space)]
        if damaged and repair:
            _make_again(space, model, damaged)
        for row in damaged:
            tally.add(Finding(Kind.CORRUPT, bytes(row.text_hash).hex(), f"A vector of {space}."), repaired=repair)
        last = rows[-1].pk


def _whole(row: Vector, space: Space) -> bool:
    data = bytes(row.data)
    return len(data) == NUMBER_SIZE * space.dimensions and row.checksum == vector_checksum(bytes(row.text_hash), data)


def _make_again(space: Space, model: Embedder | None, damaged: Sequence[Vector]) -> None:
    """A vector whose text no chunk has any more is let go."""
    keys = {bytes(row.text_hash) for row in damaged}
    texts: dict[bytes, str] = {}
    if model:
        chunks = (
            Chunk.objects.filter(embedding_hash__in=keys)
            .select_related("version__document__collection")
            .defer("version__text")
        )
        for chunk in chunks.iterator(chunk_size=_BATCH):
            text = chunk_embedding_text(chunk)
            if text_hash(text) in keys:
                texts[text_hash(text)] = text
    Vector.objects.filter(pk__in=[row.pk for row in damaged]).delete()
    if model and texts:
        vectors_make(space=space, embedder=model, texts=texts)


def _check_complete(model: Embedder, tally: Tally, *, repair: bool) -> None:
    space, last = space_find(model), ""
    while chunks := list(selectors.chunks_after(last=last)[:_BATCH]):
        if repair:
            space = space or space_ensure(model)
        keys = {bytes(chunk.embedding_hash) for chunk in chunks}
        missing = vectors_missing(space=space, hashes=keys) if space else keys
        texts: dict[bytes, str] = {}
        for chunk in chunks:
            if bytes(chunk.embedding_hash) in missing:
                text = chunk_embedding_text(chunk)
                texts.setdefault(text_hash(text), text)
        if texts and space and repair:
            vectors_make(space=space, embedder=model, texts=texts)
        for key in missing:
            tally.add(Finding(Kind.MISSING, key.hex(), f"A vector of {model.name}."), repaired=repair and key in texts)
        last = chunks[-1].pk
