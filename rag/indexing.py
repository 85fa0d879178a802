"""The way of a version from a file to something that is answered from: load, split, embed, publish.

A worker claims a batch of pending versions by lease. Nothing of a version is seen before it is published, all its
vectors are kept as they are made, and its chunk ids follow from its content: a worker that is killed anywhere leaves
nothing that the next one does not put right by doing the same again.
"""

import hashlib
import logging
import os
import socket
import time
import uuid
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta

from django.db import Error

from documents import leases, selectors
from documents.blocks import Text, flatten
from documents.errors import LoadError
from documents.loading import load
from documents.masking import maskings_of
from documents.models import Chunk, Masking, State, Version, chunk_id
from documents.publishing import versions_complete
from documents.quarantine import versions_quarantine, versions_suspicious
from documents.sources.leases import sources_release
from documents.splitting import Piece, split
from rag.boundaries import chosen, embedder, one_choice
from rag.embedders.base import Embedder
from rag.errors import ProviderError
from rag.followers import follow_all
from rag.lexical.analysis import words
from rag.vectors import chunk_embedding_text, embedding_text, space_ensure, text_hash, vectors_make, vectors_missing

logger = logging.getLogger(__name__)
LEASE = timedelta(minutes=5)
BATCH = 256
_EMBED_BATCH = 128
_COMPLETED = 512


def worker_name() -> str:
    """Names this worker in its leases: host, process, and something of its own."""
    return f"{host()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def host() -> str:
    """Names this machine, in leases and claims."""
    # Hashed: names of a kind differ in their last letters, and the column is short.
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:24]


def leases_break() -> None:
    """Give back what workers of this machine held when they died, so that nobody waits for their leases to end."""
    for worker in leases.leases_held(host=host()):
        try:
            os.kill(int(worker.split(":")[1]), 0)
        except ProcessLookupError:
            leases.versions_release(worker=worker, died=True)
            sources_release(worker=worker, died=True)
        except PermissionError:
            pass  # it lives, as somebody else


def index_pending(*, worker: str, limit: int = BATCH) -> int:
    """Take one batch of pending versions through to the end. Returns how many it was; 0: nothing is left to do.

    A file that cannot be read fails by itself. Raises ProviderError if the embedder cannot be reached: the versions
    are given back then, to be tried again.
    """
    versions = leases.versions_claim(worker=worker, limit=limit, lease=LEASE)
    if not versions:
        return 0
    hold = _Hold(versions, worker)
    try:
        texts = _load(hold)
        chunks = _split(_screen(texts, hold), hold)
        while not _embed_and_publish(chunks, hold):
            pass
    except (ProviderError, Error, OSError, KeyboardInterrupt):
        with suppress(Error):
            leases.versions_release(worker=worker)
        raise
    follow_all()
    return len(versions)


def _embed_and_publish(chunks: Mapping[Version, Sequence[Chunk]], hold: "_Hold") -> bool:
    """False if another embedder was switched on meanwhile, or a collection's masking was changed: to be done again.

    Nothing is published without vectors in the space in use, of texts as the policy in force has them.
    """
    keys = [version.pk for version in chunks]
    policies = maskings_of(keys)
    with one_choice() as choice:
        _embed(chunks, policies, hold)
        hold.advance(State.PUBLISHING)

    # Asked under the revision's lock, which a switch and a change of policy take too.
    def still() -> bool:
        return chosen() == choice and maskings_of(keys) == policies

    return versions_complete(chunks_by_version=chunks, worker=hold.worker, still=still)


class _Hold:
    """The versions that a worker holds: how far they are, and for how long they are its own."""

    def __init__(self, versions: Sequence[Version], worker: str) -> None:
        self.versions, self.worker = versions, worker
        self._state = State.QUEUED
        self._renewed = 0.0

    def advance(self, state: State) -> None:
        """Say how far the work is, and hold the versions for another lease."""
        self._state, self._renewed = state, time.monotonic()
        leases.versions_advance(versions=self.versions, state=state, worker=self.worker, lease=LEASE)

    def keep(self) -> None:
        """Called again and again while the work goes on: renews the lease in time."""
        if time.monotonic() - self._renewed > LEASE.total_seconds() / 4:
            self.advance(self._state)

    def fail(self, version: Version, code: str, detail: str) -> None:
        leases.version_fail(version=version, worker=self.worker, code=code, detail=detail)


def _load(hold: _Hold) -> dict[Version, Text]:
    hold.advance(State.LOADING)
    texts: dict[Version, Text] = {}
    for version in hold.versions:
        hold.keep()
        try:
            with version.file.open("rb") as file:
                document = load(file.read(), version.file_name)
        except LoadError as error:
            hold.fail(version, error.code, error.detail)
        except OSError:
            logger.exception("The file of version %s cannot be read", version)
            hold.fail(version, "file_missing", "The stored file cannot be read.")
        else:
            texts[version] = flatten(document.blocks)
            version.text = texts[version].content
            version.title = version.title or document.title or version.file_name
    hold.versions = list(texts)
    return texts


def _screen(texts: Mapping[Version, Text], hold: _Hold) -> Mapping[Version, Text]:
    """What reads like instructions to a model is set aside for an editor, and goes no further."""
    suspicious = versions_suspicious(list(texts))
    if suspicious:
        versions_quarantine(suspicious=suspicious, worker=hold.worker)
    hold.versions = [version for version in texts if version not in suspicious]
    return {version: texts[version] for version in hold.versions}


@one_choice()
def _split(texts: Mapping[Version, Text], hold: _Hold) -> dict[Version, list[Chunk]]:
    hold.advance(State.SPLITTING)
    found: dict[Version, list[Chunk]] = {}
    for version, text in texts.items():
        hold.keep()
        found[version] = version_split(version, text)
        version.chunk_count = len(found[version])
    leases.versions_count(versions=found, field="chunk_count")
    return found


def version_split(version: Version, text: Text, masking: str = Masking.OFF) -> list[Chunk]:
    """The chunks of a version, not saved. ``masking``: the policy that their hashes are to be of."""
    model = embedder()
    count = model.count_tokens if model else _count_words
    return [
        _chunk(version, position, piece, text.content[piece.start : piece.end], masking)
        for position, piece in enumerate(split(text, count))
    ]


def _chunk(version: Version, position: int, piece: Piece, text: str, masking: str) -> Chunk:
    chunk = Chunk(
        id=chunk_id(version.document_id, version.number, position),
        version=version,
        position=position,
        start=piece.start,
        end=piece.end,
        text=text,
        heading=" > ".join(piece.headings)[:1000],
        page=piece.page,
        tokens=piece.tokens,
    )
    chunk.embedding_hash = text_hash(_embedding_text(version, chunk, masking))
    return chunk


def _embed(chunks: Mapping[Version, Sequence[Chunk]], policies: Mapping[int, str], hold: _Hold) -> None:
    hold.advance(State.EMBEDDING)
    texts: dict[bytes, str] = {}
    for version, parts in chunks.items():
        for chunk in parts:
            text = _embedding_text(version, chunk, policies.get(version.pk, Masking.OFF))
            chunk.embedding_hash = text_hash(text)
            texts[chunk.embedding_hash] = text
    model = embedder()
    if model is None:
        return
    missing = vectors_missing(space=space_ensure(model), hashes=texts)
    _tell_embedded(chunks, missing, chunks)
    for part in _make_vectors(model, {key: texts[key] for key in texts if key in missing}):
        hold.keep()
        missing.difference_update(part)
        _tell_embedded(chunks, missing, [v for v in chunks if any(bytes(c.embedding_hash) in part for c in chunks[v])])


def _embedding_text(version: Version, chunk: Chunk, masking: str) -> str:
    return embedding_text(title=version.title, heading=chunk.heading, text=chunk.text, masking=masking)


def _tell_embedded(
    chunks: Mapping[Version, Sequence[Chunk]], missing: Container[bytes], versions: Iterable[Version]
) -> None:
    told = list(versions)
    for version in told:
        version.embedded_count = sum(bytes(chunk.embedding_hash) not in missing for chunk in chunks[version])
    leases.versions_count(versions=told, field="embedded_count")


def _make_vectors(model: Embedder, texts: Mapping[bytes, str]) -> Iterator[set[bytes]]:
    """Embed texts a part at a time; yields after each part what is done."""
    space, keys = space_ensure(model), list(texts)
    for start in range(0, len(keys), _EMBED_BATCH):
        part = keys[start : start + _EMBED_BATCH]
        vectors_make(space=space, embedder=model, texts={key: texts[key] for key in part})
        yield set(part)


def vectors_complete(
    *, versions: Sequence[int] | None = None, progress: Callable[[int], object] = lambda done: None
) -> int:
    """Make the vectors that chunks lack in the present space, as after a change of the embedder.

    Of these versions; None: of all published ones and drafts. ``progress`` is told how many chunks have been looked
    at. Returns how many vectors were made; an index that has followed already is to be rebuilt if it is any. Raises
    ProviderError.
    """
    model = embedder()
    if model is None:
        return 0
    space, made, done, last = space_ensure(model), 0, 0, ""
    while chunks := list(selectors.chunks_after(last=last, versions=versions)[:_COMPLETED]):
        # By the present policy, whatever the chunks' hashes say: those are renewed by rag/privacy/reembedding.py.
        texts = {text_hash(text): text for text in map(chunk_embedding_text, chunks)}
        missing = vectors_missing(space=space, hashes=texts)
        if missing:
            vectors_make(space=space, embedder=model, texts={key: texts[key] for key in missing})
        made += len(missing)
        done += len(chunks)
        progress(done)
        last = chunks[-1].pk
    return made


def _count_words(texts: Sequence[str]) -> list[int]:
    """Tokens where there is no model to count them: English words are 1.3 tokens on average."""
    return [int(1.3 * sum(1 for _ in words(text))) + 1 for text in texts]
