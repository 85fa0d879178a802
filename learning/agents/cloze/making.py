"""From a segment to a quiz: which sentence, which gap, and which terms beside the right one."""

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from documents.sentences import sentences
from learning.agents.cloze.kinship import Kinship
from learning.agents.cloze.terms import Sentence, Term, read, stems_of
from learning.models import Difficulty
from rag.lexical.languages import language_of

GAP = "____"
_WORDS = range(7, 121)
"""Of a sentence with a gap."""
_BEFORE, _AFTER = 20, 16
"""Words that are shown around the gap of a long one."""
_LEANING = re.compile(
    r"(?:It|He|She|They|This|That|These|Those|His|Her|Its|Their|Such|There|But|And|Or|So|However|Thus|Therefore|Also|"
    r"For example|For instance|In addition|Furthermore|Moreover|Another|Other|Both|As a result|The (?:latter|former))\b"
)
_UNSAID = re.compile(r"(?:[\w’']+,? ){0,3}(?:it|this|these|those|they|he|she|his|her|their)\b", re.IGNORECASE)
"""Who knows only this sentence does not know what is meant."""
_DEFINES = re.compile(r"\b(?:is|are|was|were) (?:a|an|the|called|known|named|defined)\b|\b(?:means|refers to|called)\b")
_POINTING = re.compile(
    r"\b(?:above|below|following|previous|aforementioned|shown here|this (?:section|chapter))\b", re.I
)
_WORTH = {"name": 1.0, "term": 0.95, "acronym": 0.9, "year": 0.75, "ordinal": 0.7, "percent": 0.65, "number": 0.6}
_ASKED = {
    "name": "Which name belongs in the gap?",
    "acronym": "Which abbreviation belongs in the gap?",
    "year": "Which year belongs in the gap?",
    "percent": "Which share belongs in the gap?",
    "ordinal": "Which century belongs in the gap?",
    "number": "Which number belongs in the gap?",
    "term": "Which word belongs in the gap?",
}
_TRIED, _WEIGHED = 12, 3
"""So many gaps, the best ones first, get wrong options by their form, and of these so many by their meaning, too."""
_COMPARED = 20
_SAME = 0.58
"""From this cosine on a word may mean the same."""
_SAID_ALIKE = 0.4
"""A sentence that has this share of another one's words may say the same of something else."""
_FURTHER = {Difficulty.EASY: 9, Difficulty.MEDIUM: 6, Difficulty.HARD: 3}
"""Among so many of the most similar terms the wrong options are chosen."""


@dataclass(frozen=True, slots=True)
class Cloze:
    question: str
    options: list[str]
    correct: int
    sentence: str
    """With nothing left out."""
    start: int
    """Where it begins in the segment."""


@dataclass(slots=True)
class _Other:
    """A term as it is met elsewhere."""

    text: str
    kind: str
    before: set[str] = field(default_factory=set)
    after: set[str] = field(default_factory=set)
    attributive: set[bool] = field(default_factory=set)
    sentences: list[frozenset[str]] = field(default_factory=list)


def cloze_make(
    *,
    segment: str,
    elsewhere: Sequence[str],
    level: Difficulty,
    title: str = "",
    objectives: Sequence[str] = (),
    without: Collection[str] = (),
) -> Cloze | None:
    """A quiz on a segment, with wrong options from elsewhere in the course; None where there is nothing to ask.

    ``without``: questions that were asked already. The same arguments give the same quiz.
    """
    places = sentences(segment)
    language = language_of(segment)
    own = read([" ".join(segment[first:last].split()) for first, last in places], language)
    far = read([" ".join(text[first:last].split()) for text in elsewhere for first, last in sentences(text)], language)
    course = _Course(far, segment, language, stems_of(title, language), stems_of(" ".join(objectives), language))
    gaps = [
        (worth, number, term)
        for number, sentence in enumerate(own)
        for term in sentence.terms
        if (worth := course.worth(sentence, term)) > 0
    ]
    tried = []
    for worth, number, term in sorted(gaps, key=lambda gap: -gap[0])[:_TRIED]:
        question = _question(own[number], term, own[number - 1] if number else None)
        if question and question not in without:
            wrong = course.wrong(own[number], term, level)
            if len(wrong.options) == 3:
                tried.append((worth + wrong.alike, number, term, question))
    best: tuple[float, Cloze] | None = None
    kinship = Kinship(language)
    for _, number, term, question in sorted(tried, key=lambda gap: -gap[0])[:_WEIGHED]:
        wrong = course.wrong(own[number], term, level, kinship)
        worth = course.worth(own[number], term) + wrong.alike
        if len(wrong.options) == 3 and (best is None or worth > best[0]):
            options = sorted([term.text, *wrong.options], key=lambda option: _lot(question, option))
            made = Cloze(question, options, options.index(term.text), own[number].text, places[number][0])
            best = worth, made
    return best[1] if best else None


def _lot(*parts: str) -> str:
    """The same parts draw the same."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


class _Wrong(NamedTuple):
    options: list[str]
    alike: float
    """How alike they are to the right one, on average."""


class _Course:
    """What is said elsewhere, to ask for something that is said in a segment."""

    def __init__(
        self, far: Sequence[Sentence], segment: str, language: str, title: frozenset[str], objectives: frozenset[str]
    ) -> None:
        self._segment, self._language = segment, language
        self._title, self._objectives = title, objectives
        self._there = self._stems(segment)
        self._total = max(1, len(far))
        self._common = Counter(stem for sentence in far for stem in sentence.stems)
        self._others: dict[str, _Other] = {}
        for sentence in far:
            for term in sentence.terms:
                other = self._others.setdefault(term.text.casefold(), _Other(term.text, term.kind))
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
        if not stems or stems <= self._title or any(_akin(one, other) for one in stems for other in rest):
            return 0.0  # the sentence tells it, or the title does
        worth = _WORTH[term.kind]
        worth += 0.35 * bool(_DEFINES.search(text)) + 0.3 * bool(stems & self._objectives)
        worth -= 0.5 * bool(_UNSAID.match(text)) + 0.4 * bool(_POINTING.search(text))
        worth -= (
            0.45 * (term.listed or term.before == "(")
            + 0.2 * (sentence.words > 28)
            + 0.3 * (sentence.words > 40)
            + 0.15 * (term.start == 0)
        )
        worth -= 0.3 * (text.count("(") + text.count(";") > 0) + 0.4 * (term.after == "of")
        if term.kind in ("name", "term"):
            share = max(self._common[one] for one in stems) / self._total
            worth += 0.25 * (0 < share < 0.15) - 0.6 * (share > 0.3)
        return worth

    def wrong(self, sentence: Sentence, term: Term, level: Difficulty, kinship: Kinship | None = None) -> _Wrong:
        """Three terms of the same kind that the segment does not hold and that are said of nothing alike elsewhere,
        or fewer.
        """
        rest = sentence.stems - self._stems(term.text)
        fitting = {
            other.text: _similar(term, other)
            for other in self._others.values()
            if other.kind == term.kind
            and _same_form(term, other)
            and not self._stems(other.text) & self._there
            and not _holds(self._segment, other.text)
            and not any(len(rest & said) >= _SAID_ALIKE * len(rest) for said in other.sentences)
        }
        ranked = sorted(fitting, key=lambda text: (-fitting[text], _lot(sentence.text, text)))[:_COMPARED]
        if kinship and (near := kinship(term.text, ranked)):
            # What means nearly the same could stand in the gap as well; a name never means the same as another.
            ranked = [text for text in ranked if term.kind != "term" or near[text] < _SAME]
            fitting = {text: fitting[text] + 2 * near[text] for text in ranked}
            ranked.sort(key=lambda text: -fitting[text])
        first = sorted(ranked[: _FURTHER[level]], key=lambda text: _lot(term.text, text))
        chosen: list[str] = []
        for text in [*first, *ranked[_FURTHER[level] :]]:
            if len(chosen) < 3 and not any(self._alike(text, one) for one in [term.text, *chosen]):
                chosen.append(text)
        alike = sum(fitting[text] for text in chosen) / 3
        return _Wrong([*chosen, *_made_up(term, self._segment, chosen)][:3], alike)

    def _alike(self, one: str, other: str) -> bool:
        """Whether two options could be taken for each other."""
        if one.casefold() in other.casefold() or other.casefold() in one.casefold():
            return True
        return any(_akin(a, b) for a in self._stems(one) for b in self._stems(other))


def _question(sentence: Sentence, term: Term, before: Sentence | None) -> str | None:
    head, tail = sentence.text[: term.start], sentence.text[term.end :]
    if sentence.words > _BEFORE + _AFTER:
        head, tail = _last(head, _BEFORE), _first(tail, _AFTER)
    head = re.sub(r"\b([Aa])n?(?= $)", r"\1(n)", head)
    told = f"{head}{GAP}{tail}"
    if not head.startswith("…") and (_LEANING.match(sentence.text) or _UNSAID.match(sentence.text)):
        if before is None or before.words > _BEFORE + _AFTER or _holds(before.text, term.text):
            return None
        told = f"{before.text} {told}"
    return f"{_ASKED[term.kind]} “{told}”"


def _last(text: str, words: int) -> str:
    parts = re.findall(r"\S+\s*", text)
    return text if len(parts) <= words else "… " + "".join(parts[-words:])


def _first(text: str, words: int) -> str:
    parts = re.findall(r"\s*\S+", text)
    return text if len(parts) <= words else "".join(parts[:words]) + " …"


def _same_form(term: Term, other: _Other) -> bool:
    if term.kind in ("name", "acronym", "term") and term.attributive not in other.attributive:
        return False
    if term.kind == "name" and not (("the" in other.before) if term.before == "the" else other.before - {"the"}):
        return False
    if term.kind in ("name", "term"):
        plural = term.text.endswith("s") and not term.text.endswith(("ss", "us", "is"))
        plural_other = other.text.endswith("s") and not other.text.endswith(("ss", "us", "is"))
        return plural == plural_other or term.kind == "name"
    if term.kind in ("number", "percent"):
        return _shape(term.text) == _shape(other.text)
    return True


def _shape(number: str) -> tuple[str, bool, bool, str]:
    """Sign, whether there is a fraction, how large about, and the word behind."""
    digits = re.sub(r"\D", "", number.partition(".")[0])
    return number[0] if number[0] in "$£€" else "", "." in number, len(digits) > 2, number.partition(" ")[2]


def _similar(term: Term, other: _Other) -> float:
    alike = 1.0 * (term.before in other.before) + 0.5 * (term.after in other.after)
    alike += 0.5 * (len(term.text.split()) == len(other.text.split()))
    if term.kind == "term":
        alike += 0.6 * (term.text[-3:] == other.text[-3:]) + 0.1 * min(len(other.sentences), 4)
    if term.kind == "year":
        alike += 1 / (1 + abs(int(term.text) - int(other.text)) / 20)
    return alike - abs(len(term.text) - len(other.text)) / 20


def _made_up(term: Term, segment: str, chosen: Sequence[str]) -> Iterator[str]:
    """Numbers near the right one, where the course holds too few."""
    if term.kind not in ("year", "number", "percent", "ordinal"):
        return
    found = re.search(r"\d+", term.text)
    plain = found and "," not in term.text and "." not in term.text
    if not found or not plain:
        return
    value = int(found[0])
    steps = (3, -4, 11, -9, 20, -15) if term.kind == "year" else (1, -1, 2, 3, 5, 10)
    if term.kind in ("number", "percent") and value >= 10:
        steps = tuple(step * max(1, 10 ** (len(found[0]) - 2)) for step in (5, -4, 10, -7, 15, 20))
    for step in steps:
        other = term.text[: found.start()] + str(value + step) + term.text[found.end() :]
        if term.kind == "ordinal":
            other = _ordinal(value + step)
        if value + step > 0 and not _holds(segment, other) and other not in chosen:
            yield other


def _ordinal(value: int) -> str:
    ending = "th" if value % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{value}{ending}"


def _holds(text: str, term: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(term)}(?!\w)", text, re.IGNORECASE))


def _akin(one: str, other: str) -> bool:
    """Norman and Normandy, compute and computation."""
    shared = min(len(one), len(other))
    return one == other or (
        one[0].isalpha() and shared >= 4 and one[: max(4, shared - 1)] == other[: max(4, shared - 1)]
    )
