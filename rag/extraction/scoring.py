"""How well each piece answers a question.

A score is a weighted sum of the features below; ``exp(score)``, as a share of all pieces', estimates how likely it is
that the piece is the one that answers. The weights were fitted once (docs/answers.md); none depends on a corpus.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Self

import numpy as np
import numpy.typing as npt

from documents.sentences import IDENTIFIER
from rag.boundaries import embedder, lexical_index
from rag.errors import ProviderError
from rag.extraction.cues import Asked, asked, fits
from rag.extraction.pieces import Kind, Piece
from rag.lexical.analysis import terms

Floats = npt.NDArray[np.float64]

WEIGHTS: Mapping[str, float] = {
    "passage": 5.0,
    "words": 9.0,
    "above": 5.4,
    "before": 5.9,
    "after": 2.1,
    "pairs": 1.5,
    "cue": 2.0,
    "meaning": 5.4,
    "nearby": 6.8,
    "opens": 5.0,
    "kind": 1.0,
}
"""Feature → weight.

``passage``: the passage's score as a share of the best one's. ``words``: the question's terms in the piece, each
weighted by its idf; ``above``, ``before``, ``after``: of those that are missing, the ones in title and heading, in the
piece before, in the one after. ``pairs``: neighbours in the question that are neighbours here. ``cue``: something of
the kind that is asked for. ``meaning``: cosine of piece and question; ``nearby``: the best one in the same passage.
``opens``: the question's terms in the heading, for what comes first below it. ``kind``: see below.
"""
_KINDS: Mapping[Kind, float] = {"table": -0.5, "row": -0.5, "code": -5.0}
"""Code and tables share words with a question without answering it more often than prose does."""
_INTRODUCED = 4.0
"""What a line that introduces it gives back to code."""
_FRAGMENT = -2.0
"""What begins in lower case is the end of a sentence, what ends with a colon the beginning: something stands in it."""
_STEPS = 1.5
"""What a list, or what a line introduces, is worth to who asks how something is done."""
MEANING_OF = 8
"""At most so many pieces, the best by everything else, are compared by their meaning: it takes most of the time."""
_OUT_OF_REACH = 5.0
"""A score behind the best that meaning does not make up for."""
_SAME = 4
"""Characters that two words must begin with to count as related."""


def likelihoods(table: Floats) -> Floats:
    """For each piece, how likely it is the one that answers, from its features; they add up to 1."""
    if not len(table):
        return np.zeros(0)
    scores = table @ np.array(list(WEIGHTS.values()))
    shares = np.exp(scores - scores.max())
    return np.asarray(shares / shares.sum())


def about(question: str, pieces: Sequence[Piece]) -> Floats:
    """For each piece, the share of the question's terms that its heading holds, weighted by their idf."""
    asking = _Question.of(question)
    return np.array([asking.share(set(terms(piece.heading))) for piece in pieces])


def features(question: str, pieces: Sequence[Piece]) -> Floats:
    """A row for each piece, a column for each of :data:`WEIGHTS`. Pieces that are out of the running have -inf."""
    asking = _Question.of(question)
    best = max(piece.passage.score for piece in pieces) or 1.0
    texts = [_Text(terms(f"{piece.lead}\n{piece.head}\n{piece.text}")) for piece in pieces]
    rows = []
    for number, (piece, text) in enumerate(zip(pieces, texts, strict=True)):
        title, heading = set(terms(piece.passage.title)), set(terms(piece.heading))
        above = title | heading | set(terms(piece.passage.heading))
        before = _neighbour(pieces, texts, number, -1)
        after = _neighbour(pieces, texts, number, 1)
        rows.append(
            {
                "passage": piece.passage.score / best - 1,
                "words": asking.share_akin(text.terms),
                "above": asking.share(above - text.terms),
                "before": asking.share(before - text.terms - above),
                "after": asking.share(after - text.terms - above),
                "pairs": asking.pairs(text.row),
                "cue": fits(asking.asked, question, piece.text),
                "meaning": 0.0,
                "nearby": 0.0,
                "opens": asking.share(heading) if piece.opens else 0.0,
                "kind": _worth_of_kind(piece, asking.asked),
            }
        )
    table = np.array([[row[name] for name in WEIGHTS] for row in rows])
    _add_meaning(question, pieces, table)
    return table


@dataclass(frozen=True)
class _Text:
    row: list[str]

    @cached_property
    def terms(self) -> frozenset[str]:
        return frozenset(self.row)


def _neighbour(pieces: Sequence[Piece], texts: Sequence[_Text], number: int, step: int) -> frozenset[str]:
    there = number + step
    if 0 <= there < len(pieces) and pieces[there].passage is pieces[number].passage:
        return texts[there].terms
    return frozenset()


@dataclass(frozen=True)
class _Question:
    row: Sequence[str]
    weights: Mapping[str, float]
    """Term → idf."""
    asked: Asked

    @classmethod
    def of(cls, question: str) -> Self:
        return cls(terms(question), lexical_index().weights_or_none(question), asked(question))

    @cached_property
    def _total(self) -> float:
        return sum(self.weights.values()) or 1.0

    def share(self, found: frozenset[str] | set[str]) -> float:
        """The share of the question's weight that these terms have."""
        return sum(weight for term, weight in self.weights.items() if term in found) / self._total

    def share_akin(self, found: frozenset[str]) -> float:
        """As :meth:`share`; a term that is missing counts in part if another one begins like it (origin, originate)."""
        return (
            sum(
                weight * (1.0 if term in found else max((_akin(term, other) for other in found), default=0.0))
                for term, weight in self.weights.items()
            )
            / self._total
        )

    def pairs(self, row: Sequence[str]) -> float:
        """The weighted share of the question's neighbouring terms that are neighbours, or next but one, in the row."""
        wanted = {(a, b): min(self.weights.get(a, 0), self.weights.get(b, 0)) for a, b in pairwise(self.row)}
        there = {*pairwise(row), *zip(row, row[2:], strict=False)}
        return sum(weight for pair, weight in wanted.items() if pair in there) / (sum(wanted.values()) or 1.0)


def _worth_of_kind(piece: Piece, asked: Asked) -> float:
    worth = _KINDS.get(piece.kind, 0.0)
    if piece.kind == "code" and piece.lead:
        worth += _INTRODUCED
    if piece.kind == "sentence" and _is_fragment(piece.text):
        worth += _FRAGMENT
    if asked == "steps" and (piece.kind == "list" or piece.lead):
        worth += _STEPS
    return worth


def _is_fragment(text: str) -> bool:
    return (text[:1].islower() and not IDENTIFIER.match(text)) or text.startswith(")") or text.endswith((":", "："))


def _akin(one: str, other: str) -> float:
    if one[:_SAME] != other[:_SAME] or len(one) < _SAME:
        return 0.0
    same = next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    return same / max(len(one), len(other))


def _add_meaning(question: str, pieces: Sequence[Piece], table: Floats) -> None:
    """Fill in the columns of meaning for the best rows; the others leave the running, if there are vectors at all."""
    columns = list(WEIGHTS)
    scores = table @ np.array(list(WEIGHTS.values()))
    order = np.argsort(-scores, kind="stable")[:MEANING_OF]
    order = order[scores[order] >= scores.max() - _OUT_OF_REACH]
    cosines = _cosines(question, [pieces[number] for number in order])
    if cosines is None:
        return
    nearest: dict[int, float] = {}
    for number, cosine in zip(order, cosines, strict=True):
        marker = pieces[number].passage.marker
        nearest[marker] = max(nearest.get(marker, -1.0), cosine)
    for number, cosine in zip(order, cosines, strict=True):
        table[number, columns.index("meaning")] = cosine
        table[number, columns.index("nearby")] = nearest[pieces[number].passage.marker]
    out = np.ones(len(pieces), dtype=bool)
    out[order] = False
    table[out, columns.index("meaning")] = -np.inf


def _cosines(question: str, pieces: Sequence[Piece]) -> list[float] | None:
    model = embedder() if len(pieces) > 1 else None
    # An online embedder is not asked: this is what answers when nothing outside can be reached. The offline model is
    # English: of other scripts it knows letters only.
    if model is None or not model.local or not _readable(question):
        return None
    texts = [f"{piece.heading or piece.passage.title}: {piece.lead} {piece.text}" for piece in pieces]
    try:
        vectors = model.embed([question, *texts], "document")
    except ProviderError:
        return None
    return [float(value) for value in vectors[1:] @ vectors[0]]


def _readable(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    return 2 * sum(letter.isascii() for letter in letters) >= len(letters)
