"""What a course says, to choose what is asked for and what else could be answered."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from learning.agents.cloze.forms import Other, akin, holds, lot, made_up, same_form, similar
from learning.agents.cloze.kinship import Kinship
from learning.agents.cloze.terms import Sentence, Term, stems_of
from learning.models import Difficulty

_WORDS = range(7, 121)
"""Of a sentence with a gap."""
UNSAID = re.compile(r"(?:[\w’']+,? ){0,3}(?:it|this|these|those|they|he|she|his|her|their)\b", re.IGNORECASE)
"""Who knows only this sentence does not know what is meant."""
_DEFINES = re.compile(r"\b(?:is|are|was|were) (?:a|an|the|called|known|named|defined)\b|\b(?:means|refers to|called)\b")
_POINTING = re.compile(
    r"\b(?:above|below|following|previous|aforementioned|shown here|this (?:section|chapter))\b", re.I
)
_WORTH = {"name": 1.0, "term": 0.8, "acronym": 0.9, "year": 0.75, "ordinal": 0.7, "percent": 0.65, "number": 0.6}
_COMPARED = 20
_SAME = 0.45
"""From this cosine on a word may mean the same."""
_SAID_ALIKE = 0.4
"""A sentence that has this share of another one's words may say the same of something else."""
_FURTHER = {Difficulty.EASY: 9, Difficulty.MEDIUM: 6, Difficulty.HARD: 3}
"""Among so many of the most similar terms the wrong options are chosen."""


class Wrong(NamedTuple):
    options: list[str]
    alike: float
    """How alike they are to the right one, on average."""


class Course:
    """What is said elsewhere, to ask for something that is said in a segment."""

    def __init__(
        self, far: Sequence[Sentence], segment: str, language: str, title: frozenset[str], objectives: frozenset[str]
    ) -> None:
        self._segment, self._language = segment, language
        self._title, self._objectives = title, objectives
        self._there = self._stems(segment)
        self._total = max(1, len(far))
        self._common = Counter(stem for sentence in far for stem in sentence.stems)
        self._others: dict[str, Other] = {}
        for sentence in far:
            for term in sentence.terms:
                other = self._others.setdefault(term.text.casefold(), Other(term.text, term.kind))
                other.before.add(term.before)
                other.after.add(term.after)
                other.attributive.add(term.attributive)
                other.sentences.append(sentence.stems)

    def _stems(self, text: str) -> frozenset[str]:
        return stems_of(text, self._language)

    def worth(self, sentence: Sentence, term: Term) -> float:
        """How good a gap the term would leave; 0 or less: none."""
        text = sentence.text
        cased = not text[0].islower() or self._segment.islower()
        if sentence.words not in _WORDS or not cased or not text.rstrip("\"'”’)").endswith((".", "!")):
            return 0.0
        stems = self._stems(term.text)
        rest = self._stems(f"{text[: term.start]} {text[term.end :]}")
        if not stems or stems <= self._title or any(akin(one, other) for one in stems for other in rest):
            return 0.0  # the sentence tells it, or the title does
        worth = _WORTH[term.kind]
        worth += 0.35 * bool(_DEFINES.search(text)) + 0.3 * bool(stems & self._objectives)
        worth -= 0.5 * bool(UNSAID.match(text)) + 0.4 * bool(_POINTING.search(text))
        worth -= (
            0.45 * (term.listed or term.before == "(")
            + 0.2 * (sentence.words > 28)
            + 0.3 * (sentence.words > 40)
            + 0.15 * (term.start == 0)
        )
        worth -= 0.3 * (text.count("(") + text.count(";") > 0) + 0.4 * (term.after == "of")
        worth += 0.15 * (term.kind == "term" and len(term.text) > 7)  # long words are seldom plain ones
        if term.kind in ("name", "term"):
            share = max(self._common[one] for one in stems) / self._total
            worth += 0.25 * (0 < share < 0.15) - 0.6 * (share > 0.3)
        return worth

    def wrong(self, sentence: Sentence, term: Term, level: Difficulty, kinship: Kinship | None = None) -> Wrong:
        """Three terms of the same kind that the segment does not hold and that are said of nothing alike elsewhere,
        or fewer.
        """
        rest = sentence.stems - self._stems(term.text)
        fitting = {
            other.text: similar(term, other)
            for other in self._others.values()
            if other.kind == term.kind
            and same_form(term, other)
            and not self._stems(other.text) & self._there
            and not holds(self._segment, other.text)
            and not any(len(rest & said) >= _SAID_ALIKE * len(rest) for said in other.sentences)
        }
        ranked = sorted(fitting, key=lambda text: (-fitting[text], lot(sentence.text, text)))[:_COMPARED]
        if kinship and (near := kinship(term.text, ranked)):
            # What means nearly the same could stand in the gap as well; a name never means the same as another.
            ranked = [text for text in ranked if term.kind != "term" or near[text] < _SAME]
            fitting = {text: fitting[text] + 2 * near[text] for text in ranked}
            ranked.sort(key=lambda text: -fitting[text])
        first = sorted(ranked[: _FURTHER[level]], key=lambda text: lot(term.text, text))
        chosen: list[str] = []
        for text in [*first, *ranked[_FURTHER[level] :]]:
            if len(chosen) < 3 and not any(self._alike(text, one) for one in [term.text, *chosen]):
                chosen.append(text)
        alike = sum(fitting[text] for text in chosen) / 3
        return Wrong([*chosen, *made_up(term, self._segment, chosen)][:3], alike)

    def _alike(self, one: str, other: str) -> bool:
        """Whether two options could be taken for each other."""
        if one.casefold() in other.casefold() or other.casefold() in one.casefold():
            return True
        return any(akin(a, b) for a in self._stems(one) for b in self._stems(other))
