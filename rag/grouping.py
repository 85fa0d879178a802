"""Texts that mean the same, put together.

Stars: of what is left, the text with the most near others is the centre of a group, and these are its members; in the
end each goes to the nearest centre. Nothing chains: two members are alike because both are like their centre. The same
vectors in the same order give the same groups.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rag.embedders.base import Vectors
from rag.lexical.analysis import terms, words

BY_MEANING = 0.46
"""Relatedness (rag.models.Space) from which two questions are near. Measured: docs/reports.md."""
BY_WORDS = 0.225
"""The cosine of their :func:`word_vectors` from which they are, where nothing embeds."""
_DIMENSIONS = 1024
_BLOCK = 512


def stars(vectors: Vectors, *, near: float) -> list[list[int]]:
    """Places of unit vectors by group, the centre first and then in their order; the largest group first."""
    neighbours = _neighbours(vectors, near)
    free = np.ones(len(vectors), dtype=bool)
    degrees = np.array([len(found) for found in neighbours])
    centres: list[int] = []
    while free.any():
        centre = int(np.argmax(np.where(free, degrees, -1)))
        centres.append(centre)
        members = neighbours[centre]
        for member in members[free[members]]:
            free[member] = False
            degrees[neighbours[member]] -= 1
    groups: dict[int, list[int]] = {centre: [centre] for centre in centres}
    for place, own in enumerate(_nearest(vectors, centres)):
        if place not in groups:
            groups[own].append(place)
    return sorted(groups.values(), key=lambda group: (-len(group), group[0]))


def _neighbours(vectors: Vectors, near: float) -> list[npt.NDArray[np.intp]]:
    """The places of those near to each, itself among them. A block at a time, so that not every pair is in memory."""
    found: list[npt.NDArray[np.intp]] = []
    for start in range(0, len(vectors), _BLOCK):
        close = _cosines(vectors[start : start + _BLOCK], vectors) >= near
        for row, place in enumerate(range(start, start + len(close))):
            close[row, place] = True
            found.append(np.flatnonzero(close[row]))
    return found


def _nearest(vectors: Vectors, centres: Sequence[int]) -> list[int]:
    """The centre that is nearest to each: one within reach, since what was left alone became a centre itself."""
    found: list[int] = []
    for start in range(0, len(vectors), _BLOCK):
        cosines = _cosines(vectors[start : start + _BLOCK], vectors[list(centres)])
        found += [centres[best] for best in cosines.argmax(axis=1)]
    return found


def _cosines(one: Vectors, other: Vectors) -> Vectors:
    """Rounded, so that the order in which a processor adds decides nothing."""
    rounded: Vectors = np.round(one @ other.T, 4)
    return rounded


def word_vectors(texts: Sequence[str]) -> Vectors:
    """Unit vectors whose cosines are nearly those of the texts' stemmed words, the rarer a word the heavier.

    Each word has a random direction that its hash decides, so the vectors are as short as those of an embedder,
    however many words there are.
    """
    said = [sorted(set(terms(text)) or set(words(text)) or {text}) for text in texts]
    frequency = Counter(word for found in said for word in found)
    directions = {word: _direction(word) for word in frequency}
    made = np.zeros((len(texts), _DIMENSIONS), dtype=np.float32)
    for row, found in zip(made, said, strict=True):
        for word in found:
            row += math.log(1 + len(texts) / frequency[word]) * directions[word]
    unit: Vectors = made / np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-9)
    return unit


def _direction(word: str) -> Vectors:
    """1,024 signs."""
    bits = hashlib.shake_256(word.encode()).digest(_DIMENSIONS // 8)
    return np.unpackbits(np.frombuffer(bits, dtype=np.uint8)).astype(np.float32) * 2 - 1
