"""From a question to the passages that may answer it."""

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.conf import settings
from filelock import Timeout

from documents import selectors
from documents.gate import Preview
from documents.models import Chunk
from rag import ranking
from rag.answerability import judging as answerability
from rag.boundaries import embedder, lexical_index, one_choice, vector_store
from rag.entries import collection_label
from rag.errors import ProviderError, StoreCorrupt
from rag.feed import Follower
from rag.followers import follow_for_question, followers
from rag.lexical.analysis import terms
from rag.lexical.estimating import shares_estimated
from rag.models import Space
from rag.question_vectors import questions_embed
from rag.stores.base import Where
from rag.vectors import space_find, vectors_get, vectors_of

logger = logging.getLogger(__name__)
Mode = Literal["hybrid", "dense", "lexical"]
CANDIDATES = 50
"""Asked of each half; more where more results are wanted."""
_LOOKED_AT = 30
_QUERY_TIMEOUT = 5.0
_TRIES = 4
_PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class Hit:
    """A published chunk and its score; ``cosine`` (as relatedness) and ``lexical`` are what the halves gave."""

    chunk: Chunk
    score: float
    cosine: float
    lexical: float


@dataclass(frozen=True, slots=True)
class Found:
    hits: list[Hit]
    """Best first."""
    answerable: bool
    """Whether the confidence reaches the threshold."""
    mode: Mode
    """What was searched by: lexical where the embedder could not be reached."""
    revision: int = 0
    """The state of the knowledge base that the hits are of."""
    confidence: float = 0.0
    """The probability that the hits hold an answer (rag/answerability/)."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """The vector of a question, in its space."""

    space: Space
    vector: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which collections a search may touch. The empty scope finds nothing."""

    collections: frozenset[UUID]
    categories: frozenset[int] | None = None
    """Keys of categories; None: whatever the category."""

    def where(self, *, drafts: bool) -> Where:
        categories = None if self.categories is None else frozenset(map(str, self.categories))
        kinds = (False, True) if drafts else (False,)
        labels = frozenset(collection_label(found, draft=draft) for found in self.collections for draft in kinds)
        return Where(labels, categories)


@one_choice()
def search(
    *,
    query: str,
    scope: Scope,
    top_k: int,
    mode: Mode = "hybrid",
    preview: Preview | None = None,
    meaning: Meaning | None = None,
    strict: bool = False,
    also: Sequence[str] = (),
) -> Found:
    """The published chunks within the scope that fit the query best, at most ``top_k``, whatever their score.

    All of them are as they were at one revision, whatever is published while the search runs: a document is met in
    its old state or its new one. A store or embedder that cannot be reached costs its half of the search, not the
    search; with ``strict`` it raises ProviderError. ``meaning`` saves embedding the query, if it is known.

    With a preview the documents in it are searched as they are there; it must name versions that are published or
    have been announced as drafts. ``also`` are ids of chunks that no index names, of versions in the preview.
    """
    if not scope.collections or scope.categories == frozenset():
        return Found([], False, mode)
    asked = _Asked(query, meaning, max(CANDIDATES, 2 * top_k), mode, preview or {}, strict, also)
    if meaning is None:
        asked = _with_meaning(asked)
    local = [follower for follower in followers() if not follower.shared]
    hits, revision = _settled(local, lambda revision: _search_once(asked, scope, revision))
    confidence = answerability.confidence(query, hits, asked.mode)
    return Found(hits[:top_k], confidence >= settings.RAG["THRESHOLD"], asked.mode, revision, confidence)


def meanings(queries: Sequence[str]) -> list[Meaning | None]:
    """The vectors of many questions at once; None each where there is nothing to embed with. Raises ProviderError."""
    model = embedder()
    space = space_find(model) if model else None
    if model is None or space is None:
        return [None] * len(queries)
    return [Meaning(space, vector) for vector in questions_embed(model=model, questions=queries)]


def _settled(local: Sequence[Follower], search_at: Callable[[int], list[Hit]]) -> tuple[list[Hit], int]:
    """The hits of a search during which the indexes stood still, and the one revision, which it is given, of all."""
    hits: list[Hit] = []
    revision = 0
    for attempt in range(_TRIES):
        with ExitStack() as held:
            if attempt == _TRIES - 1:  # they change all the time: keep the writers out for a moment
                with suppress(Timeout):
                    for follower in local:
                        held.enter_context(follower.held(_PATIENCE))
            now = selectors.point()
            current = follow_for_question(now, local)
            before = [follower.position() for follower in local]
            # An index that is behind is not trusted for what it had then: what is withdrawn now is not found.
            revision = max([now.revision, *(p.revision for p in before if p)]) if current else now.revision
            hits = search_at(revision)
            if not current or (len(set(before)) == 1 and [follower.position() for follower in local] == before):
                break
    return hits, revision


@dataclass(frozen=True, slots=True)
class _Asked:
    """A search, with all that stays the same if it has to be done again."""

    query: str
    meaning: Meaning | None
    limit: int
    mode: Mode
    preview: Preview
    strict: bool
    also: Sequence[str] = ()


def _with_meaning(asked: _Asked) -> _Asked:
    model = embedder()
    space = space_find(model) if model else None
    if asked.mode == "lexical" or model is None or space is None:
        return replace(asked, mode="lexical")
    try:
        vector = questions_embed(model=model, questions=[asked.query], timeout=_QUERY_TIMEOUT)[0]
    except ProviderError as error:
        if asked.strict:
            raise
        logger.warning("The question could not be embedded; searching by its words alone: %s", error)
        return replace(asked, mode="lexical")
    return replace(asked, meaning=Meaning(space, vector))


def _search_once(asked: _Asked, scope: Scope, revision: int) -> list[Hit]:
    """The hits as of a revision, best first."""
    query, meaning, mode = asked.query, asked.meaning, asked.mode
    where = scope.where(drafts=bool(asked.preview))
    cosines = _dense(asked, meaning, where) if meaning else {}
    lexical = _lexical(query, asked.limit, where) if mode != "dense" else {}
    named = list(dict.fromkeys([*cosines, *lexical, *asked.also]))
    visible = selectors.chunks_visible(
        ids=named, collections=scope.collections, revision=revision, preview=asked.preview
    )
    chunks = {chunk.pk: chunk for chunk in visible}
    if scope.categories is not None:
        chunks = {pk: c for pk, c in chunks.items() if c.version.document.category_id in scope.categories}
    if meaning and mode == "hybrid":
        _fill_cosines(cosines, meaning, [chunk for pk, chunk in chunks.items() if pk not in cosines])
        lexical |= _lexical_scores(query, [pk for pk in chunks if pk not in lexical])
    if also := [chunks[pk] for pk in asked.also if pk in chunks]:
        _score_unindexed(asked, also, cosines, lexical)
    hits = [_hit(chunk, cosines.get(pk, 0.0), lexical.get(pk, 0.0), mode) for pk, chunk in chunks.items()]
    hits.sort(key=lambda hit: (-hit.score, hit.chunk.pk))
    return _closer_look(query, hits) if mode == "hybrid" else hits


def _hit(chunk: Chunk, cosine: float, lexical: float, mode: Mode) -> Hit:
    score = {"dense": cosine, "lexical": lexical, "hybrid": ranking.fused(cosine=cosine, lexical=lexical)}[mode]
    return Hit(chunk, score, cosine, lexical)


def _lexical(query: str, limit: int, where: Where) -> dict[str, float]:
    try:
        return {hit.id: hit.score for hit in lexical_index().query(query, limit, where)}
    except StoreCorrupt as error:
        logger.error("%s", error)
        return {}


def _lexical_scores(query: str, ids: Sequence[str]) -> dict[str, float]:
    with suppress(StoreCorrupt):  # it has been logged
        return lexical_index().scores(query, ids)
    return {}


def _dense(asked: _Asked, meaning: Meaning, where: Where) -> dict[str, float]:
    store = vector_store()
    if store is None:
        return {}
    try:
        hits = store.query(meaning.vector, asked.limit, where)
    except ProviderError as error:
        if asked.strict:
            raise
        logger.warning("The vector store could not be asked: %s", error)
        return {}
    found = {hit.id: hit.score for hit in hits}
    if asked.preview and store.shared:  # it takes a while until a service finds what it was given
        found |= _previewed(asked.preview, meaning)
    return {key: meaning.space.relatedness(cosine) for key, cosine in found.items()}


def _previewed(preview: Preview, meaning: Meaning) -> dict[str, float]:
    """The cosine of every chunk of the versions in the preview, by the vectors that the database keeps."""
    chunks = selectors.chunks_previewed(preview)
    stored = vectors_get(space=meaning.space, hashes=[bytes(key) for key in chunks.values()])
    return {pk: float(stored[bytes(key)] @ meaning.vector) for pk, key in chunks.items() if bytes(key) in stored}


def _fill_cosines(cosines: dict[str, float], meaning: Meaning, chunks: Sequence[Chunk]) -> None:
    """Chunks that the words alone found get their cosine from the vector that is kept of them."""
    for pk, vector in vectors_of(space=meaning.space, store=vector_store(), chunks=chunks).items():
        cosines[pk] = meaning.space.relatedness(float(vector @ meaning.vector))


def _score_unindexed(
    asked: _Asked, chunks: Sequence[Chunk], cosines: dict[str, float], lexical: dict[str, float]
) -> None:
    """Chunks that no index holds get the numbers that an index would give them, the words' nearly so."""
    if asked.meaning:
        _fill_cosines(cosines, asked.meaning, chunks)
    weights = lexical_index().weights_or_none(asked.query)
    lexical |= shares_estimated({chunk.pk: _terms_of(chunk) for chunk in chunks}, weights)


def _closer_look(query: str, hits: list[Hit]) -> list[Hit]:
    wanted = terms(query)
    weights = lexical_index().weights_or_none(query)
    near = [
        Hit(hit.chunk, hit.score + ranking.closeness(wanted, _terms_of(hit.chunk), weights), hit.cosine, hit.lexical)
        for hit in hits[:_LOOKED_AT]
    ]
    near.sort(key=lambda hit: (-hit.score, hit.chunk.pk))
    return near + hits[_LOOKED_AT:]


def _terms_of(chunk: Chunk) -> list[str]:
    return terms("\n".join((chunk.version.title, chunk.heading, chunk.text)))
