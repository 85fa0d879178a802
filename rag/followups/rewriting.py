"""A question that leans on the one before it, made one that stands by itself, by rules.

Three things are mended: what is left out ("and for editors?" is put into the question before, in the place of what is
like it), what is pointed at ("how do I delete it?" gets the thing instead of the pronoun), and what is only implied
("can I publish anyway?" gets the subject behind it, in brackets).
"""

import re
from collections.abc import Callable, Sequence

from rag.followups import grammar
from rag.followups.grammar import Phrase, Token, content, joined, phrases, tokens
from rag.followups.leaning import anaphors, asks_for_more, is_foreign, is_only_asking, parts

Weight = Callable[[str], float]
"""How much the words of a phrase tell, 0 to 1: 0 for those in every passage, such as the product's own name."""

_PLACES = frozenset("on in at over via with under by through from using".split())
_PLURAL = frozenset("they them these those their".split())
_POSSESSIVE = frozenset("its their his her".split())
_DEEDS = frozenset("do undo revert repeat cancel".split())
_ORDERED = frozenset("first second third last other next previous same which".split())
_PREDICATE = re.compile(
    r"\b(?:(?:do|can|could|may|must|should|would) (?:i|we|you)|how to|want to|i) (?!(?:do|am|are|is|was|have)\b)(\w.*)",
    re.IGNORECASE,
)
_TELLING = 0.15
"""A phrase below this weight is a subject only where there is no other."""


def rewritten(question: str, before: str, weight: Weight = lambda _: 1.0) -> str:
    """The question with what it leaves to ``before``, the last question that stood by itself."""
    part = parts(question)
    main, note = _without_note(before)
    if asks_for_more(question):
        return before
    if is_foreign(part.text) or is_foreign(main):
        return f"{before} {question}"
    if part.fragment:
        if is_only_asking(part.text):
            first = tokens(main)[0].lower if tokens(main) else ""
            if first in grammar.AUXILIARIES:  # "how often?" after "does a worker check the indexes?"
                return _noted(f"{_stem(part.text)} {main}", note)
            return _noted(part.text, _subject(main, note, weight))
        return _noted(_substituted(part.text, main, weight), note)
    pointing = anaphors(part.text)
    if pointing:
        return _pointed(part.text, pointing[0], main, note, weight)
    return _noted(part.text, _subject(main, note, weight))


def _substituted(text: str, main: str, weight: Weight) -> str:
    """``main`` with the fragment in the place of what is like it, or behind it."""
    new, stem = _stem(text), _stem(main)
    there = phrases(stem)
    first = tokens(new)[0].lower if tokens(new) else ""
    preposition = first if first in grammar.PREPOSITIONS else ""
    new = _with_noun(new[len(preposition) :].strip(), there)
    if preposition:
        same = [phrase for phrase in there if phrase.preposition == preposition]
        same = same or [p for p in there if preposition in _PLACES and p.preposition in _PLACES]
        if not same:
            return f"{stem} {preposition} {new}?"
        start = stem.lower().rindex(same[-1].preposition, 0, same[-1].start)
        return f"{stem[:start]}{preposition} {new}{stem[same[-1].end :]}?"
    if re.fullmatch(r"\d[\d.]*", new) and (numbers := list(re.finditer(r"\b\d[\d.]*\b", stem))):
        return f"{stem[: numbers[-1].start()]}{new}{stem[numbers[-1].end() :]}?"
    if not phrases(new) or not there:
        return f"{stem}, {new}?"
    place = _alike(new, there, weight)
    return f"{stem[: place.start]}{new}{stem[place.end :]}?"


def _alike(new: str, there: Sequence[Phrase], weight: Weight) -> Phrase:
    """The phrase whose place the new one takes."""
    fresh = phrases(new)[0]

    def likeness(phrase: Phrase) -> tuple[bool, ...]:
        return (
            bool(set(content(new)) & set(content(phrase.text))),
            fresh.text[:1].isupper() and phrase.text[:1].isupper(),
            not phrase.preposition,
            weight(phrase.text) >= _TELLING,
            _determined(fresh) == _determined(phrase),
        )

    return max(reversed(there), key=likeness)


def _determined(phrase: Phrase) -> bool:
    return phrase.text.split()[0].lower() in grammar.DETERMINERS


def _with_noun(text: str, there: Sequence[Phrase]) -> str:
    """ "scanned ones" → "scanned files": the noun comes from the question before."""
    match = re.search(r"\bones?\b", text)
    if not match or not there:
        return text
    return f"{text[: match.start()]}{there[0].text.split()[-1]}{text[match.end() :]}"


def _pointed(text: str, word: Token, main: str, note: str, weight: Weight) -> str:
    """What is pointed at, in the place of the word that points at it."""
    words = tokens(text)
    place = next(number for number, token in enumerate(words) if token.start == word.start)
    before = words[place - 1].lower if place else ""
    after = words[place + 1].lower if place + 1 < len(words) else "?"
    predicate = _PREDICATE.search(_stem(main))
    if before == "do" and predicate and word.lower in ("it", "that", "this"):  # "who may do that?"
        return _noted(f"{text[: words[place - 1].start]}{predicate.group(1)}{text[word.end :]}", note)
    named = word.lower in ("that", "this", "these", "those") and grammar.is_content(after)  # "that limit"
    happening = after.startswith("happen") or (before in ("is", "was") and word.lower in ("that", "this"))
    if named or before in _DEEDS | _ORDERED or happening:
        return _noted(text, _subject(main, note, weight))
    asked = word.lower in ("they", "it", "he", "she") and (place == 0 or before in grammar.AUXILIARIES)
    # What the question before pointed at itself is in its note.
    source = note if note and anaphors(main) else main
    topic = _topic(source, weight, plural=word.lower in _PLURAL, last=not asked)
    topic = topic if weight(topic) >= _TELLING else ""
    if not topic:
        return _noted(text, _subject(main, note, weight))
    topic = re.sub(r"^(?:this|that|these|those) ", "the ", topic, flags=re.IGNORECASE)
    owner = "'s" if word.lower in _POSSESSIVE else ""
    return f"{text[: word.start]}{topic}{owner}{text[word.end :]}"


def _topic(question: str, weight: Weight, *, plural: bool, last: bool) -> str:
    """The thing that the question is about, as a phrase; empty where it names none."""
    parted = phrases(question)
    whole = [joined(question, parted, number) for number in range(len(parted))]
    found = [p for n, p in enumerate(whole) if not any(p.start < other.end for other in whole[:n])]
    for better in (
        lambda p: not p.preposition,
        lambda p: weight(p.text) >= _TELLING,
        lambda p: not plural or p.text.split()[-1].endswith("s"),
    ):
        found = [phrase for phrase in found if better(phrase)] or found
    return found[-1 if last else 0].text if found else ""


def _subject(main: str, note: str, weight: Weight) -> str:
    """What the question is about, more widely: what is done, or all that is named."""
    if note and anaphors(main):
        return note
    predicate = _PREDICATE.search(_stem(main))
    if predicate and content(predicate.group(1)):
        return f"to {predicate.group(1)}"
    named = [phrase.text for phrase in phrases(main)]
    return ", ".join([text for text in named if weight(text) >= _TELLING] or named) or note


def _without_note(question: str) -> tuple[str, str]:
    """A question and what an earlier rewriting put behind it in brackets."""
    match = re.fullmatch(r"(.*\S)\s+\(([^()]*)\)", question.strip(), re.DOTALL)
    return (match[1], match[2]) if match else (question.strip(), "")


def _noted(text: str, note: str) -> str:
    if not note or set(content(note)) <= set(content(text)):
        return text
    return f"{text.rstrip()} ({note})"


def _stem(text: str) -> str:
    return text.rstrip(" ?.!")
