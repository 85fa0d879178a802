"""What a question asks for: its terms as the index knows them, what is quoted, what is written like code, its names."""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rag.lexical.analysis import codes, folded, parts, stem, unaccented, words
from rag.lexical.languages import SMALL_WORDS, language_of

_QUOTED = re.compile(
    r"\"([^\"\n]{2,200})\"|“([^”\n]{2,200})”|„([^“”\n]{2,200})[“”]|«([^»\n]{2,200})»|「([^」\n]{2,200})」"
)
_NAME = re.compile(r"[^\W_][\w'’-]*")
_NEAR = 3
"""At most so many terms stand in for one that the index does not know."""
_WORTH_MENDING = 5
"""Letters: of shorter words too many are near."""

Frequency = Callable[[str], int]
"""How many passages hold a term."""
Neighbours = Callable[[str], Iterable[tuple[str, int]]]
"""The index's terms that begin as a word does, with their frequency, the most frequent first."""


@dataclass(frozen=True, slots=True)
class Term:
    word: str
    """As it stands in the question, folded."""
    forms: tuple[str, ...]
    """What the index may know it by, at least one; in each of the languages that the passages are in."""
    idf: float
    """BM25's, ln(1 + (N - n + 0.5) / (n + 0.5)), of the form that most passages hold."""
    code: bool = False
    """It stands for something written like code, as a whole; its parts are terms too."""


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    language: str
    languages: tuple[str, ...]
    """In which its words were stemmed: its own, then those of the passages."""
    terms: tuple[Term, ...]
    """Each once, in the order of the question."""
    phrases: tuple[str, ...]
    """What it quotes, and what is written like code in it: to be found as it stands, folded."""
    names: frozenset[str]
    """Words, folded, that have a digit, or a capital letter though they do not begin the question."""

    @property
    def total(self) -> float:
        """The idf of all terms together."""
        return sum(term.idf for term in self.terms)


def understand(
    text: str, *, languages: Sequence[str], total: int, frequency: Frequency, neighbours: Neighbours | None
) -> Question:
    """``languages`` are those of the passages, of which there are ``total``. No ``neighbours``: no typo is mended."""
    language = language_of(text)
    spoken = tuple(dict.fromkeys([language, *languages]))
    stop = SMALL_WORDS.get(language, frozenset())
    found: dict[str, Term] = {}

    def add(word: str, forms: Iterable[str], *, code: bool = False, whole: bool = False) -> None:
        """``whole``: nothing is asked for where the index does not know it."""
        forms = tuple(dict.fromkeys(forms))
        counts = [frequency(form) for form in forms]
        if forms[0] in found or (whole and not any(counts)):
            return
        if not any(counts):
            forms, counts = _unknown(forms, frequency, neighbours)
        most = min(max(counts), total)
        idf = math.log(1 + (total - most + 0.5) / (most + 0.5))
        found[forms[0]] = Term(word, forms, idf, code)

    for word in words(text):
        if word in stop:
            continue
        seams = parts(word)
        add(word, [stem(word, one) for one in spoken], whole=bool(seams))
        for part in seams:
            add(part, [part])
    written = codes(text)
    for code in written:
        add(code, [code], code=True, whole=True)
    quoted = (folded(next(filter(None, match.groups()))).strip() for match in _QUOTED.finditer(text))
    return Question(text, language, spoken, tuple(found.values()), (*quoted, *written), _names(text, stop))


def _unknown(
    forms: tuple[str, ...], frequency: Frequency, neighbours: Neighbours | None
) -> tuple[tuple[str, ...], list[int]]:
    """What stands in for a term that the index does not know: the same without accents, else near terms."""
    plain = unaccented(forms[0])
    if plain != forms[0] and (count := frequency(plain)):
        return (forms[0], plain), [0, count]
    if neighbours and len(forms[0]) >= _WORTH_MENDING and forms[0].isalpha():
        found = ((term, count) for term, count in neighbours(forms[0]) if term.isalpha())
        near = [(term, n) for term, n in found if one_apart(forms[0], term) or _akin(forms[0], term)][:_NEAR]
        if near:
            return (*forms, *(term for term, _ in near)), [count for _, count in near]
    return forms, [0]


def _names(text: str, stop: frozenset[str]) -> frozenset[str]:
    told = enumerate(match.group() for match in _NAME.finditer(text))
    named = [word for place, word in told if any(map(str.isdigit, word)) or (place and word[0].isupper())]
    return frozenset(part for word in words(" ".join(named)) if word not in stop for part in (parts(word) or [word]))


def _akin(one: str, other: str) -> bool:
    """Whether two words begin alike for three quarters of the longer: inflections that the stemmer does not know."""
    return 4 * _shared(one, other) >= 3 * max(len(one), len(other))


def one_apart(one: str, other: str) -> bool:
    """Whether a letter more, less or another, or two neighbours changed about, make one word of the other."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    start = _shared(one, other)
    one, other = one[start:], other[start:]
    end = _shared(one[::-1], other[::-1])
    one, other = one[: len(one) - end], other[: len(other) - end]
    return max(len(one), len(other)) <= 1 or (len(one) == 2 and one == other[::-1])


def _shared(one: str, other: str) -> int:
    """How many letters two words have in common from the start."""
    short = min(len(one), len(other))
    return next((place for place in range(short) if one[place] != other[place]), short)
