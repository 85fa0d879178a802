"""Scores of a passage for a question: the two halves of the search fused, then a closer look at the best.

Both halves are taken as absolute numbers (a cosine, and BM25 as a share of what the question's terms could reach), so
one formula and one threshold serve every corpus; a rank or a maximum would depend on what else was found. The
weights and what they were measured on are in docs/retrieval.md.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

LEXICAL_WEIGHT = 0.3
"""Of BM25 beside the cosine, to choose what is looked at more closely."""
RANK_CONSTANT = 60
"""Of reciprocal rank fusion, which is there to compare with."""
LIKE = 10
FELLOWS = 2
DISTINCT = 20
"""Places that are kept free of repetitions."""


class Signals(NamedTuple):
    """What speaks for a passage, each from 0 to 1 (cosines may be a little below 0)."""

    cosine: float = 0.0
    """On its space's scale (Space.relatedness)."""
    lexical: float = 0.0
    """BM25 of title, headings and passage, as a share of what the question's terms could reach."""
    covered: float = 0.0
    """Share of the question's idf that stands in the passage itself."""
    sentence: float = 0.0
    """Share of it in the best sentence."""
    near: float = 0.0
    """Share of it in the best run of some words, title and headings included."""
    pairs: float = 0.0
    """Share of the question's neighbouring terms that are neighbours here."""
    exact: float = 0.0
    """Share of the question's words that stand here in the same form."""
    phrases: float = 0.0
    """Share of what is quoted, and of what is written like code, that stands here so."""
    named: float = 0.0
    """Share of the question's idf that is names and numbers in the document's title or category."""
    reply: float = 0.0
    """1 for a passage that begins with yes or no, if that was asked for."""
    address: float = 0.0
    """How much a passage speaks to its reader, if the question is a person's own."""
    alike: float = 0.0
    """Mean cosine of the LIKE other candidates that are most like it: high for what is near to everything."""
    fellows: float = 0.0
    """Mean cosine to the question of the FELLOWS best other candidates of the same title."""


WEIGHTS: Mapping[str, float] = {
    "cosine": 1.0,
    "lexical": 0.04,
    "covered": 0.12,
    "sentence": 0.17,
    "near": 0.17,
    "pairs": 0.045,
    "exact": 0.1,
    "phrases": 0.24,
    "named": 0.14,
    "reply": 0.13,
    "address": 0.07,
    "alike": -0.27,
    "fellows": 0.19,
}
_OF_WORDS = frozenset(("lexical", "covered", "sentence", "near", "pairs", "exact", "phrases", "named"))
CROWDED = 0.57
"""The mean of Signals.alike among those that are looked at for which the weights hold as they stand."""
WORDS_FADE = 6.0
ALIKE_GROWS = 3.0
"""Per unit of crowding beyond CROWDED."""


def fused(*, cosine: float, lexical: float) -> float:
    """The first score of a passage, from both halves."""
    return cosine + LEXICAL_WEIGHT * lexical


def first_scores(signals: Mapping[str, Signals], *, by_score: bool) -> dict[str, float]:
    """By which it is chosen what is looked at more closely; without ``by_score`` the sum of 1 / (60 + rank).

    The latter is reciprocal rank fusion (Cormack et al. 2009).
    """
    if by_score:
        return {key: fused(cosine=told.cosine, lexical=told.lexical) for key, told in signals.items()}
    scores = dict.fromkeys(signals, 0.0)
    for half in ("cosine", "lexical"):
        found = {key: value for key, told in signals.items() if (value := getattr(told, half)) > 0}
        for rank, key in enumerate(sorted(found, key=lambda key: (-found[key], key)), start=1):
            scores[key] += 1 / (RANK_CONSTANT + rank)
    return scores


def scored(
    signals: Signals, *, crowding: float = CROWDED, words_only: bool = False, by_rank: float | None = None
) -> float:
    """The score of a passage that was looked at more closely.

    ``crowding``: the mean of Signals.alike of all that were. Where everything is about one subject, all share the
    subject's words, so words tell less and what is near to everything is to be held back more.
    ``words_only``: no vector tells anything, so BM25 keeps its whole weight. ``by_rank`` takes the place of the halves'
    scores.
    """
    beyond = 0.0 if words_only else crowding - CROWDED
    words = min(max(1 - WORDS_FADE * beyond, 0.1), 1.6)
    hubs = max(1 + ALIKE_GROWS * beyond, 0.0)
    told = {name: weight * float(getattr(signals, name)) for name, weight in WEIGHTS.items()}
    told |= {name: words * told[name] for name in _OF_WORDS} | {"alike": hubs * told["alike"]}
    if words_only:
        told["lexical"] = signals.lexical
    if by_rank is not None:
        # The first rank in both halves is worth as much as a cosine of 1.
        told |= {"cosine": by_rank * (RANK_CONSTANT + 1) / 2, "lexical": 0.0}
    return sum(told.values())


def alike(cosines: npt.NDArray[np.float32], apart: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    """Signals.alike of each candidate. ``cosines`` of every two; ``apart``: which two may be compared.

    What is near to everything in a vector space is near to a question for no reason of its own (hubness: Radovanović
    et al. 2010; the correction is that of CSLS, Conneau et al. 2018).
    """
    others = -np.sort(-np.where(apart, cosines, 0.0), axis=1)[:, :LIKE]
    return np.asarray(others.sum(axis=1) / LIKE, dtype=np.float32)


def fellows(cosines: npt.NDArray[np.float32], together: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    """Signals.fellows of each candidate. ``cosines`` to the question; ``together``: which two count as fellows."""
    others = -np.sort(-np.where(together, cosines[None, :], 0.0), axis=1)[:, :FELLOWS]
    return np.asarray(others.sum(axis=1) / FELLOWS, dtype=np.float32)


def distinct(passages: Sequence[frozenset[str]]) -> list[int]:
    """The order in which to show passages, given by their words: what repeats a better one comes after the others.

    Two say the same if nine words of ten are in both and they hold the same numbers: the report of another year is
    another report.
    """
    shown: list[int] = []
    repeated: list[int] = []
    for place, words in enumerate(passages[:DISTINCT]):
        (repeated if any(_same(words, passages[other]) for other in shown) else shown).append(place)
    return [*shown, *repeated, *range(len(shown) + len(repeated), len(passages))]


def _same(one: frozenset[str], other: frozenset[str]) -> bool:
    if not 0.9 * len(one) <= len(other) <= len(one) / 0.9 or len(one & other) < 0.9 * len(one | other):
        return False
    return not any(character.isdigit() for word in one ^ other for character in word)
