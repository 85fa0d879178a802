"""A comparison as the rows of a page: unchanged stretches folded, changed words marked within their lines."""

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal, NamedTuple

from documents.comparing import Stretch

CONTEXT = 3
"""Unchanged lines that are shown on either side of a change."""
_LONGEST = 20_000
"""Characters of a line, beyond which its words are not compared."""
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


class Piece(NamedTuple):
    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One line; or, of the kind ``folded``, a number of unchanged lines that are shown when asked for."""

    kind: Literal["same", "removed", "added", "folded"]
    pieces: Sequence[Piece]
    folded: Sequence[str] = ()


def rows(stretches: Sequence[Stretch]) -> list[Row]:
    found: list[Row] = []
    for place, stretch in enumerate(stretches):
        lines = stretch.text.split("\n")
        before = stretches[place - 1] if place else None
        after = stretches[place + 1] if place + 1 < len(stretches) else None
        if stretch.kind == "same":
            found += _folded(lines, opens=before is None, closes=after is None)
        elif stretch.kind == "removed" and after and after.kind == "added":
            found += _replaced(lines, after.text.split("\n"))
        elif stretch.kind == "removed" or not (before and before.kind == "removed"):
            found += [Row(stretch.kind, [Piece(line, False)]) for line in lines]
    return found


def _folded(lines: Sequence[str], *, opens: bool, closes: bool) -> Iterator[Row]:
    """Lines next to a change are shown, those in between folded."""
    head, tail = (0 if opens else CONTEXT), (0 if closes else CONTEXT)
    if len(lines) <= head + tail + 1:
        head, tail = len(lines), 0
    middle = lines[head : len(lines) - tail]
    yield from _same(lines[:head])
    if middle:
        yield Row("folded", [], middle)
        yield from _same(lines[len(lines) - tail :])


def _same(lines: Iterable[str]) -> Iterator[Row]:
    return (Row("same", [Piece(line, False)]) for line in lines)


def _replaced(old: Sequence[str], new: Sequence[str]) -> list[Row]:
    """What was taken out, then what was put in its place; line beside line, the words that differ marked."""
    removed, added = [], []
    for before, after in zip_longest(old, new):
        left, right = _words(before, after)
        removed += [Row("removed", left)] if before is not None else []
        added += [Row("added", right)] if after is not None else []
    return [*removed, *added]


def _words(before: str | None, after: str | None) -> tuple[list[Piece], list[Piece]]:
    if before is None or after is None or len(before) + len(after) > _LONGEST:
        return [Piece(before or "", False)], [Piece(after or "", False)]
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < 0.4:  # another line altogether
        return [Piece(before, False)], [Piece(after, False)]
    left, right = [], []
    for tag, a, b, c, d in matcher.get_opcodes():
        left.append(Piece("".join(old[a:b]), tag != "equal"))
        right.append(Piece("".join(new[c:d]), tag != "equal"))
    return left, right
