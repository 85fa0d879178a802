"""From a segment to a quiz: which sentence, which gap, and which terms beside the right one."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from documents.sentences import sentences
from learning.agents.cloze.course import UNSAID, Course
from learning.agents.cloze.forms import holds, lot
from learning.agents.cloze.kinship import Kinship
from learning.agents.cloze.terms import Sentence, Term, read, stems_of
from learning.models import Difficulty
from rag.lexical.languages import language_of

GAP = "____"
_BEFORE, _AFTER = 20, 16
"""Words that are shown around the gap of a long one."""
_LEANING = re.compile(
    r"(?:It|He|She|They|This|That|These|Those|His|Her|Its|Their|Such|There|But|And|Or|So|However|Thus|Therefore|Also|"
    r"For example|For instance|In addition|Furthermore|Moreover|Another|Other|Both|As a result|The (?:latter|former))\b"
)
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


@dataclass(frozen=True, slots=True)
class Cloze:
    question: str
    options: list[str]
    correct: int
    sentence: str
    """With nothing left out."""
    start: int
    """Where it begins in the segment."""


def cloze_make(
    *,
    segment: str,
    elsewhere: Sequence[str],
    level: Difficulty,
    before: str = "",
    title: str = "",
    objectives: Sequence[str] = (),
    without: Collection[str] = (),
) -> Cloze | None:
    """A quiz on a segment, with wrong options from elsewhere in the course; None where there is nothing to ask.

    ``before`` is what is said just before the segment; ``without``: questions that were asked already. The same
    arguments give the same quiz.
    """
    places = sentences(segment)
    language = language_of(segment)
    own = read([" ".join(segment[first:last].split()) for first, last in places], language)
    far = read([" ".join(text[first:last].split()) for text in elsewhere for first, last in sentences(text)], language)
    said = [" ".join(before[first:end].split()) for first, end in sentences(before)]
    last = read(said[-1:], language)[0] if said else None
    course = Course(far, segment, language, stems_of(title, language), stems_of(" ".join(objectives), language))
    gaps = [
        (worth, number, term)
        for number, sentence in enumerate(own)
        for term in sentence.terms
        if (worth := course.worth(sentence, term)) > 0
    ]
    tried = []
    for worth, number, term in sorted(gaps, key=lambda gap: -gap[0])[:_TRIED]:
        question = _question(own[number], term, own[number - 1] if number else last)
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
            options = sorted([term.text, *wrong.options], key=lambda option: lot(question, option))
            made = Cloze(question, options, options.index(term.text), own[number].text, places[number][0])
            best = worth, made
    return best[1] if best else None


def _question(sentence: Sentence, term: Term, before: Sentence | None) -> str | None:
    head, tail = sentence.text[: term.start], sentence.text[term.end :]
    if sentence.words > _BEFORE + _AFTER:
        head, tail = _last(head, _BEFORE), _first(tail, _AFTER)
    head = re.sub(r"\b([Aa])n?(?= $)", r"\1(n)", head)
    told = f"{head}{GAP}{tail}"
    if not head.startswith("…") and (_LEANING.match(sentence.text) or UNSAID.match(sentence.text)):
        if before is None or before.words > _BEFORE + _AFTER or holds(before.text, term.text):
            return None
        told = f"{before.text} {told}"
    return f"{_ASKED[term.kind]} “{told}”"


def _last(text: str, words: int) -> str:
    parts = re.findall(r"\S+\s*", text)
    return text if len(parts) <= words else "… " + "".join(parts[-words:])


def _first(text: str, words: int) -> str:
    parts = re.findall(r"\s*\S+", text)
    return text if len(parts) <= words else "".join(parts[:words]) + " …"
