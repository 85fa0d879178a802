"""Scores of a passage for a question: the two halves of the search fused, then a closer look at the best.

Both halves are taken as absolute numbers (a cosine, and BM25 as a share of what the question's terms could reach), so
one formula and one threshold serve every corpus; a rank or a maximum would depend on what else was found. The
weights and what they were measured on are in docs/retrieval.md.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

LEXICAL_WEIGHT = 0.3
WINDOW_WEIGHT = 0.1
PAIR_WEIGHT = 0.15
WINDOW = 40
"""Terms."""
PAIR_DISTANCE = 2
"""Terms from the first of a pair to the second."""


def fused(*, cosine: float, lexical: float) -> float:
    """The first score of a passage, from both halves."""
    return cosine + LEXICAL_WEIGHT * lexical


def closeness(question: Sequence[str], passage: Sequence[str], weights: Mapping[str, float]) -> float:
    """What is added to the score where the question's terms stand close together in the passage.

    ``question`` and ``passage`` are terms in their order; ``weights`` holds the idf of each term of the question.
    """
    hits = [(place, term) for place, term in enumerate(passage) if term in weights]
    return WINDOW_WEIGHT * _window(hits, weights) + PAIR_WEIGHT * _pairs(question, hits, weights)


def _window(hits: Sequence[tuple[int, str]], weights: Mapping[str, float]) -> float:
    """The share of the question's weight that the best run of WINDOW terms holds, 0 to 1."""
    inside: Counter[str] = Counter()
    first, held, best = 0, 0.0, 0.0
    for place, term in hits:
        if not inside[term]:
            held += weights[term]
        inside[term] += 1
        while hits[first][0] <= place - WINDOW:
            left = hits[first][1]
            inside[left] -= 1
            if not inside[left]:
                held -= weights[left]
            first += 1
        best = max(best, held)
    return best / (sum(weights.values()) or 1.0)


def _pairs(question: Sequence[str], hits: Sequence[tuple[int, str]], weights: Mapping[str, float]) -> float:
    """The weighted share of the question's neighbouring terms that are neighbours in the passage too, 0 to 1."""
    pairs = {(a, b): min(weights[a], weights[b]) for a, b in pairwise(question) if a != b}
    if not pairs:
        return 0.0
    places: dict[str, list[int]] = {}
    for place, term in hits:
        places.setdefault(term, []).append(place)
    found = sum(
        weight
        for (a, b), weight in pairs.items()
        if any(0 < after - before <= PAIR_DISTANCE for before in places.get(a, ()) for after in places.get(b, ()))
    )
    return found / (sum(pairs.values()) or 1.0)
