"""Vectors kept in the database, and the making of those that are missing."""

import hashlib
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

import numpy as np
import numpy.typing as npt

from documents.models import Chunk, Masking
from rag.embedders.base import Embedder
from rag.errors import StoreCorrupt
from rag.models import Space, Vector
from rag.privacy.policy import passage_kinds, worded
from rag.stores.base import VectorStore

_STORED = np.dtype("<f2")
NUMBER_SIZE = _STORED.itemsize
"""Bytes of one number of a stored vector."""
_LOOKUP = 500


def embedding_text(*, title: str, heading: str, text: str, masking: str = Masking.OFF) -> str:
    """What is embedded for a passage: it is understood better below its title and headings.

    ``masking`` is the policy of its collection. It holds whatever embeds, so that a text has one hash; without it this
    is what is searched by words, which never leaves.
    """
    whole = "\n".join(part for part in (title, heading, text) if part)
    return worded(whole, passage_kinds(masking))


def chunk_embedding_text(chunk: Chunk) -> str:
    """What is embedded for a chunk, by the present policy. Reads its version, document and collection."""
    version = chunk.version
    masking = version.document.collection.masking
    return embedding_text(title=version.title, heading=chunk.heading, text=chunk.text, masking=masking)


def text_hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


# Of ten worlds, so that no two have anything to do with each other.
_PROBES = (
    "How do I bake bread with a crisp crust?",
    "The parliament voted on the new budget late on Tuesday evening.",
    "Replace the brake pads when they are thinner than three millimetres.",
    "Whales sing to each other over hundreds of kilometres.",
    "Which form do I need to renew my passport?",
    "The violinist tuned her instrument before the concert began.",
    "A linked list keeps a pointer to the next node.",
    "Glaciers in the valley have retreated since the last century.",
    "What is the interest rate of a thirty-year mortgage?",
    "He scored twice in the second half and won the cup.",
)


def space_find(embedder: Embedder) -> Space | None:
    """The space of an embedder; None while it holds nothing."""
    return Space.objects.filter(name=embedder.name).first()


def space_ensure(embedder: Embedder) -> Space:
    """The space of an embedder, made and measured on first use. Raises ProviderError."""
    space = space_find(embedder)
    if space is None:
        probes = embedder.embed(_PROBES, "document")
        cosines = (probes @ probes.T)[np.triu_indices(len(probes), k=1)]
        defaults = {"dimensions": embedder.dimensions, "unrelated": float(cosines.mean())}
        space = Space.objects.get_or_create(name=embedder.name, defaults=defaults)[0]
    return space


def vector_checksum(key: bytes, data: bytes) -> int:
    """Of the text's hash and the vector together: a vector that has got under another text's hash is found out too."""
    return zlib.crc32(data, zlib.crc32(key))


def vectors_get(*, space: Space, hashes: Sequence[bytes]) -> dict[bytes, npt.NDArray[np.float32]]:
    """The vectors that there are of these texts; the others are left out."""
    found: dict[bytes, npt.NDArray[np.float32]] = {}
    for start in range(0, len(hashes), _LOOKUP):
        rows = Vector.objects.filter(space=space, text_hash__in=hashes[start : start + _LOOKUP])
        for key, data in rows.values_list("text_hash", "data"):
            found[bytes(key)] = np.frombuffer(bytes(data), dtype=_STORED).astype(np.float32)
    return found


def vectors_of(
    *, space: Space, store: VectorStore | None, hashes: Mapping[str, bytes]
) -> dict[str, npt.NDArray[np.float32]]:
    """The vectors of chunks, given by id with the hash of what was embedded for each.

    They come from the store where it is at hand, which is quicker, else from the database.
    """
    found: dict[str, npt.NDArray[np.float32]] = {}
    if store and store.space == space.name:
        with suppress(StoreCorrupt):  # whoever searches it says so
            found = store.vectors(list(hashes))
    rest = {pk: key for pk, key in hashes.items() if pk not in found}
    stored = vectors_get(space=space, hashes=list(rest.values())) if rest else {}
    return found | {pk: stored[key] for pk, key in rest.items() if key in stored}


def vectors_missing(*, space: Space, hashes: Iterable[bytes]) -> set[bytes]:
    """Those of the texts that have no vector yet."""
    wanted = list(dict.fromkeys(hashes))
    missing = set(wanted)
    for start in range(0, len(wanted), _LOOKUP):
        rows = Vector.objects.filter(space=space, text_hash__in=wanted[start : start + _LOOKUP])
        missing.difference_update(bytes(key) for key in rows.values_list("text_hash", flat=True))
    return missing


def vectors_make(*, space: Space, embedder: Embedder, texts: Mapping[bytes, str]) -> None:
    """Embed the texts and keep their vectors. Two workers that make the same one leave one. Raises ProviderError."""
    vectors = embedder.embed(list(texts.values()), "document").astype(_STORED)
    Vector.objects.bulk_create(
        [
            Vector(space=space, text_hash=key, data=data, checksum=vector_checksum(key, data))
            for key, data in zip(texts, (vector.tobytes() for vector in vectors), strict=True)
        ],
        ignore_conflicts=True,
        batch_size=500,
    )
