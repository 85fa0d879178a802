"""Whether two terms could stand in each other's place, by their form and by what stands around them."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from learning.agents.cloze.terms import Term


@dataclass(slots=True)
class Other:
    """A term as it is met elsewhere."""

    text: str
    kind: str
    before: set[str] = field(default_factory=set)
    after: set[str] = field(default_factory=set)
    attributive: set[bool] = field(default_factory=set)
    sentences: list[frozenset[str]] = field(default_factory=list)


def lot(*parts: str) -> str:
    """The same parts draw the same."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


def same_form(term: Term, other: Other) -> bool:
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


def similar(term: Term, other: Other) -> float:
    alike = 1.0 * (term.before in other.before) + 0.5 * (term.after in other.after)
    alike += 0.5 * (len(term.text.split()) == len(other.text.split()))
    if term.kind == "term":
        alike += 0.6 * (term.text[-3:] == other.text[-3:]) + 0.1 * min(len(other.sentences), 4)
    if term.kind == "year":
        alike += 0.5 / (1 + abs(int(term.text) - int(other.text)) / 20)
    return alike - abs(len(term.text) - len(other.text)) / 20


def made_up(term: Term, segment: str, chosen: Sequence[str]) -> Iterator[str]:
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
        if value + step > 0 and not holds(segment, other) and other not in chosen:
            yield other


def _ordinal(value: int) -> str:
    ending = "th" if value % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{value}{ending}"


def holds(text: str, term: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(term)}(?!\w)", text, re.IGNORECASE))


def akin(one: str, other: str) -> bool:
    """Norman and Normandy, compute and computation."""
    shared = min(len(one), len(other))
    return one == other or (
        one[0].isalpha() and shared >= 4 and one[: max(4, shared - 1)] == other[: max(4, shared - 1)]
    )
