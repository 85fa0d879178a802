"""Reads the best passages for a question: where its words stand, how close together, in which form.

This is done for some dozens of passages a question, so it is kept quick: a passage is cut into words once for many
questions, and each of its words is looked up in a dictionary, once however often it stands there.
"""

import re
from bisect import bisect
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from sys import intern
from typing import NamedTuple

from rag.lexical.analysis import folded, stem, tokens
from rag.lexical.question import Question

NEAR = 20
"""Words."""
PAIR_DISTANCE = 4
"""Words from the first of a pair to the second."""
_KEPT = 2048
"""Passages, of some 10 KiB each."""
_ENDS = "\n.!?。！？।؟"
_YES_OR_NO = re.compile(
    r"\W*(?:is|are|am|was|were|do|does|did|can|could|may|might|must|shall|should|will|would|has|have|had)(?:n['’]?t)?\b",
    re.IGNORECASE,
)
_REPLY = re.compile(r"^\W*(?:yes|no|not (?:yet|really|directly|exactly)|sorry|unfortunately|of course)\b", re.M | re.I)
_BEGINNING = 200
_PERSONAL = frozenset("i me my mine we us our you your".split())
_READER = ("you", "your")


class Reading(NamedTuple):
    """Shares from 0 to 1, as in rag.ranking.Signals."""

    words: frozenset[str]
    """All that the passage and its title hold, folded."""
    covered: float = 0.0
    sentence: float = 0.0
    near: float = 0.0
    pairs: float = 0.0
    exact: float = 0.0
    phrases: float = 0.0
    named: float = 0.0
    reply: float = 0.0
    address: float = 0.0


class _Places(dict[str, int | None]):
    """Word → the place of the question's term that it is a form of; None: of none."""

    def __init__(self, question: Question) -> None:
        self._languages = question.languages
        self._forms = {form: place for place, term in enumerate(question.terms) for form in term.forms}
        # Prefixes are cut off in few languages only.
        prefixed = {"ar", "fa", "id"} & set(question.languages)
        self._initials = None if prefixed else frozenset(form[0] for form in self._forms)

    def __missing__(self, word: str) -> int | None:
        place = self[word] = self._find(word)
        return place

    def _find(self, word: str) -> int | None:
        if self._initials is not None and word[0] not in self._initials:
            return None
        return next(
            (self._forms[form] for one in self._languages if (form := stem(word, one)) in self._forms),
            self._forms.get(word),
        )


class _Words(NamedTuple):
    """A passage below its titles, cut into words, whose places are counted through both."""

    where: Mapping[str, Sequence[int]]
    """Word → its places."""
    ends: Sequence[int]
    """Places where sentences end."""
    every: frozenset[str]
    body: int
    """The place of the passage's first word."""
    length: int
    """Words of the passage."""


@lru_cache(_KEPT)
def _words(titles: str, text: str) -> _Words:
    """Kept, since the same passages are candidates again and again: it takes half of the time to read one."""
    above, inside = tokens(titles), tokens(text)
    where: dict[str, list[int]] = {}
    for place, word in enumerate(map(intern, [*above, "\n\n", *inside])):
        where.setdefault(word, []).append(place)
    every = frozenset(where)
    ends = sorted(place for word in every if word[0] in _ENDS for place in where.pop(word))
    return _Words(where, ends, every, len(above) + 1, len(inside))


class Reader:
    """Reads passages for one question."""

    def __init__(self, question: Question) -> None:
        self._places = _Places(question)
        self._phrases = question.phrases
        self._weights = [term.idf for term in question.terms]
        self._total = question.total or 1.0
        self._words = frozenset(term.word for term in question.terms if not term.code)
        self._named = [(term.idf, {term.word, *term.forms}) for term in question.terms if term.word in question.names]
        plain = [place for place, term in enumerate(question.terms) if not term.code]
        self._pairs = {pair: min(self._weights[pair[0]], self._weights[pair[1]]) for pair in pairwise(plain)}
        self._yes_or_no = bool(_YES_OR_NO.match(question.text))
        said = set(folded(question.text).split()) & _PERSONAL
        self._personal = bool(said) and question.language == "en"

    def read(self, *, titles: str, text: str) -> Reading:
        """``titles``: what stands above the passage."""
        where, ends, words, body, length = _words(titles, text)
        marks = zip(where, map(self._places.__getitem__, where), strict=True)
        found = sorted((place, mark) for word, mark in marks if mark is not None for place in where[word])
        inner = [hit for hit in found if hit[0] >= body]
        return Reading(
            words,
            covered=self._share({term for _, term in inner}),
            sentence=self._sentence(inner, ends),
            near=self._run(found),
            pairs=self._neighbours(found),
            exact=len(self._words & words) / (len(self._words) or 1),
            phrases=self._verbatim(titles, text),
            named=self._name(where, body),
            reply=float(self._yes_or_no and bool(_REPLY.search(text, 0, _BEGINNING))),
            address=self._address(sum(place >= body for word in _READER for place in where.get(word, ())), length),
        )

    def _share(self, terms: set[int]) -> float:
        return sum(self._weights[term] for term in terms) / self._total

    def _sentence(self, hits: Sequence[tuple[int, int]], ends: Sequence[int]) -> float:
        """The share that the best sentence holds."""
        sentences: dict[int, set[int]] = {}
        for place, term in hits:
            sentences.setdefault(bisect(ends, place), set()).add(term)
        return max(map(self._share, sentences.values()), default=0.0)

    def _run(self, hits: Sequence[tuple[int, int]]) -> float:
        """The share that the best run of NEAR words holds."""
        inside: dict[int, int] = {}
        first, held, best = 0, 0.0, 0.0
        for place, term in hits:
            count = inside.get(term, 0)
            if not count:
                held += self._weights[term]
            inside[term] = count + 1
            while hits[first][0] <= place - NEAR:
                left = hits[first][1]
                inside[left] -= 1
                if not inside[left]:
                    held -= self._weights[left]
                first += 1
            best = max(best, held)
        return best / self._total

    def _neighbours(self, hits: Sequence[tuple[int, int]]) -> float:
        if not self._pairs:
            return 0.0
        together = {
            (before[1], after[1])
            for at, before in enumerate(hits)
            for after in hits[at + 1 : at + 1 + PAIR_DISTANCE]
            if after[0] - before[0] <= PAIR_DISTANCE
        }
        found = sum(weight for pair, weight in self._pairs.items() if pair in together)
        return found / (sum(self._pairs.values()) or 1.0)

    def _verbatim(self, titles: str, text: str) -> float:
        if not self._phrases:
            return 0.0
        whole = " ".join(folded(f"{titles}\n{text}").split())
        return sum(phrase in whole for phrase in self._phrases) / len(self._phrases)

    def _name(self, where: Mapping[str, Sequence[int]], body: int) -> float:
        if not self._named:
            return 0.0
        above = {word for word, places in where.items() if places[0] < body}
        stems = above | {stem(word, "en") for word in above}
        return sum(idf for idf, forms in self._named if forms & stems) / self._total

    def _address(self, addressed: int, length: int) -> float:
        return min(1.0, 40 * addressed / (length + 20)) if self._personal else 0.0
