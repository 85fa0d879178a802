"""Which pieces an answer is made of: as few words as are likely to hold the answer, 80 at most."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.extraction.pieces import MOST_WORDS, Piece
from rag.extraction.scoring import Floats

_WORTH = 0.0025
"""So much likelihood must each word of a further piece add: none comes where one is clearly best."""
_FEW = 14
"""Words that each piece counts for at least: a short one is no better for being short."""
_MOST = 4
"""Pieces."""
_SECTION_WORDS = 60
_SAME_QUESTION = 0.75
_LEANING = re.compile(r"(?:It|He|She|They|This|That|These|Those|His|Her|Its|Their|Such)\b")
"""A sentence that begins so is understood with the one before it."""
_SHORT = 30
"""Words that this one before it may have."""


def choose(pieces: Sequence[Piece], likely: Floats, about: Floats) -> list[Piece]:
    """In the order of the passages. ``about``: the share of the question that the heading of each piece holds."""
    if not pieces:
        return []
    answer = _Answer(pieces)
    best = int(likely.argmax())
    answer.add(best)
    if about[best] >= _SAME_QUESTION and pieces[best].heading != pieces[best].passage.title:
        # Somebody has answered this very question there: what follows belongs to the answer.
        for number in _rest_of_section(pieces, best):
            if not answer.add(number, most=_SECTION_WORDS if pieces[number].kind == "sentence" else MOST_WORDS):
                return answer.written(cut=pieces[number].block == pieces[number - 1].block)
    else:
        worth = likely / [max(piece.words, _FEW) for piece in pieces]
        for number in worth.argsort(kind="stable")[::-1]:
            if worth[number] < _WORTH:
                break
            answer.add(int(number))
    return answer.written()


def _rest_of_section(pieces: Sequence[Piece], first: int) -> Iterator[int]:
    for number in range(first + 1, len(pieces)):
        if pieces[number].passage is not pieces[first].passage or pieces[number].heading != pieces[first].heading:
            return
        yield number


class _Answer:
    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces
        self.chosen: set[int] = set()
        self._words = 0

    def add(self, number: int, *, most: int = MOST_WORDS) -> bool:
        """Whether the piece is part of the answer now: there is room, and it says nothing again."""
        if not self._take(number, most):
            return number in self.chosen
        before = number - 1
        if _LEANING.match(self._pieces[number].text) and self._follows(before) and self._pieces[before].words <= _SHORT:
            self._take(before, most)
        return True

    def written(self, *, cut: bool = False) -> list[Piece]:
        """In their order; with ``cut`` the last one says that rows or items of its block are left out."""
        chosen = [self._pieces[number] for number in sorted(self.chosen)]
        if cut and chosen[-1].kind in ("row", "item"):
            chosen[-1] = replace(chosen[-1], more=True)
        return chosen

    def _take(self, number: int, most: int) -> bool:
        piece, others = self._pieces[number], [self._pieces[other] for other in self.chosen]
        shared = any((other.passage.marker, other.block) == (piece.passage.marker, piece.block) for other in others)
        words = self._words + piece.words + (0 if shared else piece.lead_words)
        again = any(_plain(other.text) == _plain(piece.text) for other in others)
        if self.chosen and (words > most or again or len(self.chosen) == _MOST):
            return False
        self.chosen.add(number)
        self._words = words
        return True

    def _follows(self, before: int) -> bool:
        """Whether the piece after ``before`` goes on with it."""
        here, there = self._pieces[before + 1], self._pieces[before]
        return before >= 0 and there.passage is here.passage and here.block == there.block and there.kind == "sentence"


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
