"""Questions without a model: sentences of the material with words left out, which are the answer.

Easy ones say how the word begins; hard ones leave out two. Each sentence is asked about once.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from learning.models import Level
from learning.tutoring.matching import content
from rag.extraction.pieces import pieces
from rag.generators.base import Passage

BLANK = "_____"
_LEAST_WORDS, _MOST_WORDS = 6, 40
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:-[^\W\d_]+)*")
_LEAST_LETTERS = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is made."""

    level: Level
    text: str
    points: tuple[str, ...]
    quote: str


@dataclass(frozen=True, slots=True)
class _Blank:
    word: str
    start: int
    end: int
    weight: float
    """The rarer and the longer, the more of the sentence it carries; numbers most."""


def sentences_of(material: Sequence[Passage]) -> list[str]:
    """The whole sentences, in their order, each once."""
    found = (piece for passage in material for piece in pieces(passage) if piece.kind == "sentence" and not piece.more)
    return list(dict.fromkeys(" ".join(piece.text.split()) for piece in found))


def clozes(material: Sequence[Passage], *, most: int) -> list[Asked]:
    """At most so many, the levels by turns, spread over the material."""
    sentences = [one for one in sentences_of(material) if _LEAST_WORDS <= len(one.split()) <= _MOST_WORDS]
    spread = Counter(term for sentence in sentences for term in set(content(sentence)))
    known = set(content(" ".join(passage.title for passage in material[:1])))
    able = [(sentence, found) for sentence in sentences if (found := _blanks(sentence, spread, known))]
    levels = list(Level)
    return [_cloze(levels[place % 3], *one) for place, one in enumerate(_spread(able, most))]


def _spread(able: Sequence[tuple[str, list[_Blank]]], most: int) -> Iterable[tuple[str, list[_Blank]]]:
    if len(able) <= most:
        return able
    return [able[place * len(able) // most] for place in range(most)]


def _blanks(sentence: str, spread: Counter[str], known: set[str]) -> list[_Blank]:
    """What may be left out, the weightiest first: what stands there once and is not the topic's own name."""
    terms = Counter(content(sentence))

    def found() -> Iterator[_Blank]:
        for match in _WORD.finditer(sentence):
            word = match.group()
            own = content(word, like=sentence)
            if len(own) != 1 or own[0] in known or terms[own[0]] != 1:
                continue
            if word[0].isdigit():
                yield _Blank(word, *match.span(), 2.0)
            elif len(word) >= _LEAST_LETTERS:
                yield _Blank(word, *match.span(), len(word) / 20 + 1 / (1 + spread[own[0]]))

    return sorted(found(), key=lambda blank: -blank.weight)


def _cloze(level: Level, sentence: str, blanks: Sequence[_Blank]) -> Asked:
    if level == Level.HARD and len(blanks) < 2:
        level = Level.MEDIUM
    left_out = sorted(blanks[: 2 if level == Level.HARD else 1], key=lambda blank: blank.start)
    text = sentence
    for blank in reversed(left_out):
        word = blank.word
        hint = f"{word[0]}{BLANK}" if level == Level.EASY and not word[0].isdigit() else BLANK
        text = text[: blank.start] + hint + text[blank.end :]
    what = "Which two words are missing?" if level == Level.HARD else "Which word is missing?"
    return Asked(level, f"{what} “{text}”", tuple(blank.word for blank in left_out), sentence)
