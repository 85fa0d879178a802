"""The second stage of a search: the best candidates are read, compared with one another, and put in their order."""

import logging
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from django.conf import settings

from documents.selectors import Passage
from rag import ranking
from rag.boundaries import reranker
from rag.errors import ProviderError
from rag.lexical.question import Question
from rag.ranking import Signals
from rag.reading import Reader, Reading
from rag.stages import Stages
from utils.metrics import call_timed
from utils.spans import span

logger = logging.getLogger(__name__)
LOOKED_AT = 50
"""Candidates that are read."""

Vectors = Mapping[str, npt.NDArray[np.float32]]
"""Chunk id → its vector, of length 1."""
Relatedness = Callable[[Any], Any]
"""Cosines on the scale that all spaces share."""


class Candidate(NamedTuple):
    passage: Passage
    score: float
    signals: Signals


def look(
    question: Question,
    candidates: Sequence[Candidate],
    *,
    vectors: Vectors,
    relatedness: Relatedness | None,
    stages: Stages,
) -> list[Candidate]:
    """The first LOOKED_AT with all their signals and the score that these make, best first, the scores falling.

    All candidates, best first, serve to compare with. ``relatedness`` is None where words alone are known.
    """
    compared = _compared(candidates, vectors, relatedness) if relatedness else {}
    candidates = candidates[:LOOKED_AT]
    passages = [candidate.passage for candidate in candidates]
    reader = Reader(question)
    readings = [reader.read(titles=titles(passage), text=passage.text) for passage in passages]
    signals = [
        _signals(candidate, reading, *compared.get(candidate.passage.pk, (0.0, 0.0)), stages)
        for candidate, reading in zip(candidates, readings, strict=True)
    ]
    by_rank = bool(relatedness) and not stages.scores
    crowding = statistics.fmean(told.alike for told in signals) if signals else ranking.CROWDED
    scores = [
        ranking.scored(
            told,
            crowding=crowding,
            words_only=relatedness is None,
            by_rank=candidate.score if by_rank else None,
        )
        for told, candidate in zip(signals, candidates, strict=True)
    ]
    order = sorted(range(len(passages)), key=lambda place: (-scores[place], passages[place].pk))
    if stages.reranker:
        order = _reranked(question.text, order, passages)
    if stages.diversity:
        order = [order[place] for place in ranking.distinct([readings[place].words for place in order])]
    # Whatever the order, what a place is worth stays: thresholds hold with a reranker and without.
    falling = sorted(scores, reverse=True)
    return [Candidate(passages[place], score, signals[place]) for place, score in zip(order, falling, strict=True)]


def titles(passage: Passage) -> str:
    """What stands above a passage: category, title, headings."""
    return "\n\n".join(part for part in (passage.category, passage.title, passage.heading) if part)


def _signals(candidate: Candidate, reading: Reading, alike: float, fellows: float, stages: Stages) -> Signals:
    return Signals(
        cosine=candidate.signals.cosine,
        lexical=candidate.signals.lexical,
        covered=reading.covered,
        sentence=reading.sentence,
        near=reading.near,
        pairs=reading.pairs,
        exact=reading.exact,
        phrases=reading.phrases if stages.phrases else 0.0,
        named=reading.named if stages.metadata else 0.0,
        reply=reading.reply,
        address=reading.address,
        alike=alike,
        fellows=fellows,
    )


def _compared(
    candidates: Sequence[Candidate], vectors: Vectors, relatedness: Relatedness
) -> dict[str, tuple[float, float]]:
    """Signals.alike and Signals.fellows of those looked at that have a vector, by their chunks' ids."""
    known = [candidate for candidate in candidates if candidate.passage.pk in vectors]
    looked_at = sum(candidate.passage.pk in vectors for candidate in candidates[:LOOKED_AT])
    if not looked_at:
        return {}
    # As bytes: numpy lets other threads go first at each row that it copies.
    rows = b"".join(vectors[candidate.passage.pk].data for candidate in known)
    stacked = np.frombuffer(rows, dtype=np.float32).reshape(len(known), -1)
    version = np.array([candidate.passage.version_id for candidate in known])
    position = np.array([candidate.passage.position for candidate in known])
    title = np.unique([candidate.passage.title for candidate in known], return_inverse=True)[1]
    # Neighbours overlap: what one of them says for the other is said twice.
    first = slice(looked_at)
    apart = (version[first, None] != version[None]) | (np.abs(position[first, None] - position[None]) > 1)
    own = np.array([candidate.signals.cosine for candidate in known], dtype=np.float32)
    alike = ranking.alike(relatedness(stacked[first] @ stacked.T), apart)
    fellows = ranking.fellows(own, apart & (title[first, None] == title[None]))
    pairs = zip(alike.tolist(), fellows.tolist(), strict=True)
    return {candidate.passage.pk: pair for candidate, pair in zip(known[first], pairs, strict=True)}


def _reranked(question: str, order: Sequence[int], passages: Sequence[Passage]) -> list[int]:
    """The order that the reranker gives; the one that there is where there is none, or where it fails."""
    model = reranker()
    if model is None:
        return list(order)
    texts = [f"{titles(passages[place])}\n\n{passages[place].text}" for place in order]
    try:
        with call_timed("reranker", model.name), span("reranker call", provider=model.name):
            scores = model.scores(question, texts, timeout=settings.RAG["RERANK_TIMEOUT"])
    except ProviderError as error:
        logger.warning("The hits keep their order, since the reranker could not be asked: %s", error)
        return list(order)
    return [order[place] for place in sorted(range(len(order)), key=lambda place: -scores[place])]
