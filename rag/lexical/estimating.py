"""BM25 of passages that the index does not hold, by the weights that it has."""

from collections import Counter
from collections.abc import Mapping, Sequence

_K1, _B = 1.2, 0.75


def shares_estimated(passages: Mapping[str, Sequence[str]], weights: Mapping[str, float]) -> dict[str, float]:
    """For each passage, given by its terms, what ``LexicalIndex.scores`` would say, nearly.

    The mean length is that of these passages, since the index does not tell its own.
    """
    mean = sum(map(len, passages.values())) / (len(passages) or 1) or 1.0
    most = (_K1 + 1) * sum(weights.values()) or 1.0
    shares = {}
    for key, found in passages.items():
        counts = Counter(term for term in found if term in weights)
        norm = _K1 * (1 - _B + _B * len(found) / mean)
        shares[key] = sum(weights[t] * n * (_K1 + 1) / (n + norm) for t, n in counts.items()) / most
    return shares
