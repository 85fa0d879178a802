"""Whether an answer says what is expected, by its words: without a model, and so strict.

Words count by their stems, numbers as they are or spelled out. Who lists many words, hedges, or says the opposite has
not answered. Spelling counts.
"""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from documents.screening.folding import fold
from rag.lexical.analysis import terms, words
from rag.lexical.languages import language_of

_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
}
_FILLER = frozenset(
    "answer think believe guess say called call word missing blank complete sentence question maybe probably "
    "i'd would sure well ok okay yes please hint".split()
)
_HEDGES = re.compile(r"\b(?:or|oder|ou)\b|/|\|")
_NEGATIONS = re.compile(r"\b(?:not|no|never|neither|nor|without|isn't|aren't|doesn't|don't|cannot|can't|won't)\b|n't\b")
_ENOUGH = 0.6
"""Of the words of a point that is more than a few words long."""
_SHORT = 3
_DENSE = 1 / 3
"""The expected words must be so much of what an answer says beyond its question."""
_SAME = 0.85


def content(text: str, *, like: str = "") -> list[str]:
    """The terms of a text that carry it, in the language of ``like``."""
    language = language_of(like or text)
    small = [_NUMBERS.get(word, word) for word in words(fold(text).text)]
    return [term for term in terms(" ".join(small), language) if term not in _FILLER]


def said_beyond(answer: str, question: str, *, like: str = "") -> set[str]:
    """What an answer says that its question does not."""
    return set(content(answer, like=like or question)) - set(content(question, like=like or question))


def says(answer: str, *, points: Sequence[str], question: str, quote: str) -> bool:
    """Whether the answer says all points, and little else."""
    like = quote or question
    told = set(content(answer, like=like))
    wanted = [set(content(point, like=like)) for point in points]
    if not wanted or not all(wanted):
        return False
    for point in wanted:
        enough = len(point) if len(point) <= _SHORT else _ENOUGH * len(point)
        if len(point & told) < enough:
            return False
    beyond = told - set(content(question, like=like)) - set(content(quote, like=like))
    expected = set[str]().union(*wanted)
    if len(expected) < _DENSE * len(expected | beyond):
        return False
    allowed = f"{quote} {' '.join(points)}"
    return not any(
        sign.search(fold(answer).text) and not sign.search(fold(allowed).text) for sign in (_NEGATIONS, _HEDGES)
    )


def same(one: str, other: str) -> bool:
    """Whether two questions ask the same, as far as words tell."""
    first, second = content(one), content(other)
    if not first or not second:
        return " ".join(one.split()) == " ".join(other.split())
    shared = len(set(first) & set(second)) / len(set(first) | set(second))
    return shared >= _SAME and SequenceMatcher(None, first, second).ratio() >= _SAME
