"""From a question to the passages that may answer it."""

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from django.conf import settings
from filelock import Timeout

from documents import selectors
from documents.gate import Preview
from documents.models import Chunk
from documents.selectors import Passage
from rag import closer_look, halves, ranking
from rag.answerability import judging as answerability
from rag.boundaries import embedder, one_choice
from rag.closer_look import Candidate
from rag.entries import collection_label
from rag.errors import ProviderError
from rag.feed import Follower
from rag.followers import follow_for_question, followers
from rag.halves import Meaning as Meaning
from rag.lexical.languages import language_of
from rag.lexical.question import Question
from rag.question_vectors import questions_embed
from rag.ranking import Signals
from rag.stages import ALL, Stages
from rag.stores.base import Where
from rag.timing import timed
from rag.vectors import space_find

logger = logging.getLogger(__name__)
Mode = Literal["hybrid", "dense", "lexical"]
CANDIDATES = 100
"""Asked of each half; more where more results are wanted."""
_QUERY_TIMEOUT = 5.0
_TRIES = 4
_PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class Hit:
    """A published chunk, its score, and what that was made from."""

    chunk: Chunk
    score: float
    signals: Signals

    @property
    def comparable(self) -> float:
        """The score as if nothing crowded around the question, to compare it with that of another question."""
        return ranking.scored(self.signals) if self.cosine else self.score

    @property
    def cosine(self) -> float:
        """As relatedness (Space.relatedness); 0 where the embedder does not know the language."""
        return self.signals.cosine

    @property
    def lexical(self) -> float:
        return self.signals.lexical


@dataclass(frozen=True, slots=True)
class Found:
    hits: list[Hit]
    """Best first."""
    answerable: bool
    """Whether the confidence reaches the threshold."""
    mode: Mode
    """What was searched by: lexical where the embedder could not be reached, or does not know the language."""
    revision: int = 0
    """The state of the knowledge base that the hits are of."""
    confidence: float = 0.0
    """The probability that the hits hold an answer (rag/answerability/)."""


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
    stages: Stages = ALL,
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
    asked = _Asked(query, meaning, max(CANDIDATES, 2 * top_k), mode, preview or {}, strict, also, stages)
    if mode != "dense" and not (stages.dense and _understood(query, stages)):
        asked = replace(asked, meaning=None, mode="lexical")
    elif meaning is None:
        with timed("embedding"):
            asked = _with_meaning(asked)
    local = [follower for follower in followers() if not follower.shared]
    ranked, revision = _settled(local, lambda revision: _search_once(asked, scope, revision))
    hits = [
        Hit(candidate.passage.chunk(), candidate.score, candidate.signals)
        for candidate in ranked[: max(top_k, answerability.DEPTH)]
    ]
    with timed("judging"):
        confidence = answerability.confidence(query, hits, asked.mode)
    return Found(hits[:top_k], confidence >= settings.RAG["THRESHOLD"], asked.mode, revision, confidence)


def meanings(queries: Sequence[str]) -> list[Meaning | None]:
    """The vectors of many questions at once; None each where there is nothing to embed with. Raises ProviderError."""
    model = embedder()
    space = space_find(model) if model else None
    if model is None or space is None:
        return [None] * len(queries)
    return [Meaning(space, vector) for vector in questions_embed(model=model, questions=queries)]


def _settled(local: Sequence[Follower], search_at: Callable[[int], list[Candidate]]) -> tuple[list[Candidate], int]:
    """What a search found while the indexes stood still, and the one revision, which it is given, of all of them."""
    found: list[Candidate] = []
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
            found = search_at(revision)
            if not current or (len(set(before)) == 1 and [follower.position() for follower in local] == before):
                break
    return found, revision


@dataclass(frozen=True, slots=True)
class _Asked:
    """A search, with all that stays the same if it has to be done again."""

    query: str
    meaning: Meaning | None
    limit: int
    mode: Mode
    preview: Preview
    strict: bool
    also: Sequence[str]
    stages: Stages


def _with_meaning(asked: _Asked) -> _Asked:
    model = embedder() if asked.mode != "lexical" else None
    space = space_find(model) if model else None
    if model is None or space is None:
        return replace(asked, mode="lexical")
    try:
        vector = questions_embed(
            model=model, questions=[asked.query], timeout=_QUERY_TIMEOUT, waited_for=not asked.strict
        )[0]
    except ProviderError as error:
        if asked.strict:
            raise
        logger.warning("The question could not be embedded; searching by its words alone: %s", error)
        return replace(asked, mode="lexical")
    return replace(asked, meaning=Meaning(space, vector))


def _understood(text: str, stages: Stages) -> bool:
    """Whether the embedder knows the language of a text."""
    known = _languages(stages)
    return known is None or language_of(text) in known


def _languages(stages: Stages) -> frozenset[str] | None:
    """Those that the embedder knows; None: all."""
    model = embedder()
    return model.languages if model and stages.languages else None


def _foreign(passages: Sequence[Passage], question: Question | None, stages: Stages) -> set[str]:
    """Those whose language the embedder does not know; nobody looks where the documents have only those it knows."""
    known = _languages(stages)
    if known is None or (question and set(question.languages) <= known):
        return set()
    return {passage.pk for passage in passages if language_of(passage.text) not in known}


def _search_once(asked: _Asked, scope: Scope, revision: int) -> list[Candidate]:
    """The passages as of a revision, best first."""
    mode, stages = asked.mode, asked.stages
    meaning = asked.meaning if mode != "lexical" else None
    with timed("understanding"):
        question = halves.question(asked.query, mend=stages.typos) if mode != "dense" else None
    where = scope.where(drafts=bool(asked.preview))
    cosines, lexical = dict[str, float](), dict[str, float]()
    if meaning:
        with timed("dense"):
            cosines = halves.dense(meaning, asked.limit, where, preview=asked.preview, strict=asked.strict)
    if question and stages.lexical:
        with timed("lexical"):
            lexical = halves.lexical(question, asked.limit, where)
    with timed("visibility"):
        passages = _visible([*cosines, *lexical, *asked.also], asked, scope, revision)
    vectors: closer_look.Vectors = {}
    if meaning and question:
        with timed("other half"):
            vectors = halves.vectors(meaning, list(passages.values()))
            cosines = halves.cosines(meaning, vectors) | cosines
            if stages.lexical:
                lexical |= halves.lexical_scores(question, [pk for pk in passages if pk not in lexical])
    if also := [passages[pk] for pk in asked.also if pk in passages]:
        cosines |= halves.cosines(meaning, halves.vectors(meaning, also)) if meaning else {}
        lexical |= halves.lexical_estimated(asked.query, also)
    foreign = _foreign([passage for pk, passage in passages.items() if pk in cosines], question, stages)
    cosines |= dict.fromkeys(foreign, 0.0)
    signals = {pk: Signals(cosines.get(pk, 0.0), lexical.get(pk, 0.0)) for pk in passages}
    scores = {pk: told.cosine if mode == "dense" else told.lexical for pk, told in signals.items()}
    if mode == "hybrid":
        scores = ranking.first_scores(signals, by_score=stages.scores)
    found = [Candidate(passage, scores[pk], signals[pk]) for pk, passage in passages.items()]
    found.sort(key=lambda candidate: (-candidate.score, candidate.passage.pk))
    if question and stages.closer_look:
        vectors = {pk: vector for pk, vector in vectors.items() if pk not in foreign}
        with timed("closer look"):
            return _looked_at(question, found, vectors, meaning, stages)
    return found


def _visible(ids: Sequence[str], asked: _Asked, scope: Scope, revision: int) -> dict[str, Passage]:
    passages = selectors.passages_visible(
        ids=dict.fromkeys(ids), collections=scope.collections, revision=revision, preview=asked.preview
    )
    categories = scope.categories
    return {passage.pk: passage for passage in passages if categories is None or passage.category_id in categories}


def _looked_at(
    question: Question,
    candidates: Sequence[Candidate],
    vectors: closer_look.Vectors,
    meaning: Meaning | None,
    stages: Stages,
) -> list[Candidate]:
    near = closer_look.look(
        question,
        candidates,
        vectors=vectors,
        relatedness=meaning.space.relatedness if meaning else None,
        stages=stages,
    )
    least = min((candidate.score for candidate in near), default=0.0)
    far = candidates[closer_look.LOOKED_AT :]
    return [*near, *(candidate._replace(score=min(candidate.score, least)) for candidate in far)]
