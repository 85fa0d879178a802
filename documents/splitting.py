"""Cuts a version's text into the passages that are embedded, found and cited.

The text is first cut into units that should stay whole: sentences, list items, table rows, code blocks, headings. A
unit that is too long for a piece is cut again, more finely. Pieces are runs of units:

- A heading begins a new piece. Only a section of less than TINY tokens crosses a heading, and only downwards, into
  the section nested in it (a heading with no text of its own: into whatever follows); the piece then stands under
  the lower heading, whose path names the upper one too. Sections side by side are never mixed.
- A piece that is at least half full ends with its block if the next block does not fit whole.
- The next piece of the same section repeats the last units of the one before, up to ``overlap`` tokens.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, pairwise
from math import ceil

from documents.blocks import Kind, Span, Text
from documents.sentences import ITEM, sentences

TINY = 40
CHARACTERS_PER_TOKEN = 16
"""A token counts for at most so many characters: to some tokenizers a word of a thousand letters is one unknown."""

_WORD = re.compile(r"\S+")
_LINE = re.compile(r"\S[^\n]*")
_ITEM = re.compile(rf"^{ITEM}", re.MULTILINE)

CountTokens = Callable[[Sequence[str]], list[int]]
Cut = Callable[[str, int, int], list[int]]
"""(content, start, end) → where the parts begin. The first begins at ``start``, each of the others at a word."""


@dataclass(frozen=True, slots=True)
class Piece:
    start: int
    end: int
    headings: tuple[str, ...]
    page: int | None
    """Where the piece begins."""
    tokens: int
    """As the given counter counts them; where words had to be cut, or are very long, a little more."""


@dataclass(slots=True)
class _Unit:
    start: int
    end: int
    """Where the next unit of the block begins: white space between belongs to the unit before it."""
    span: Span
    cuts: int
    """How many of the block's cuts were made."""
    tokens: int = -1

    @property
    def is_heading(self) -> bool:
        return self.span.kind == "heading"


def split(text: Text, count_tokens: CountTokens, *, size: int = 320, overlap: int = 30) -> list[Piece]:
    """Pieces of at most ``size`` tokens; ``text.content[piece.start:piece.end]`` is the text of one.

    Together they hold every character that is not white space; none begins or ends with white space; starts and ends
    both increase. ``count_tokens`` is called a few times with all units at once. Only a ``size`` too small for four
    tokens can be exceeded.
    """
    units, fixed = _units(text, count_tokens, size)
    return [
        _piece(text.content, section[begin:end], fixed)
        for section in _sections(units)
        for begin, end in _runs(section, size - fixed, overlap)
    ]


def _piece(content: str, units: Sequence[_Unit], fixed: int) -> Piece:
    start, end = units[0].start, units[-1].end
    whole = content[start:end]
    start, end = end - len(whole.lstrip()), start + len(whole.rstrip())
    return Piece(start, end, units[-1].span.headings, units[0].span.page, fixed + sum(unit.tokens for unit in units))


def _units(text: Text, count_tokens: CountTokens, size: int) -> tuple[list[_Unit], int]:
    """Units that fit into a piece, and the tokens that every text has besides its own."""
    cuts = _cuts(size)
    units = [part for span in text.spans for part in _parts(text.content, span.start, span.end, span, 0, cuts)]
    fixed = _measure(text.content, units, count_tokens)
    while any(oversized := list(_oversized(units, size - fixed, cuts))):
        units = [
            part
            for unit, too_large in zip(units, oversized, strict=True)
            for part in (
                _parts(text.content, unit.start, unit.end, unit.span, unit.cuts, cuts) if too_large else [unit]
            )
        ]
        _measure(text.content, units, count_tokens)
    return units, fixed


def _parts(content: str, start: int, end: int, span: Span, made: int, cuts: dict[Kind, list[Cut]]) -> list[_Unit]:
    starts = cuts[span.kind][made](content, start, end)
    return [_Unit(first, last, span, made + 1) for first, last in pairwise([*starts, end])]


def _measure(content: str, units: Sequence[_Unit], count_tokens: CountTokens) -> int:
    new = [unit for unit in units if unit.tokens < 0]
    texts = [content[unit.start : unit.end].strip() for unit in new]
    fixed, *counts = count_tokens(["", *texts])
    for unit, text, count in zip(new, texts, counts, strict=True):
        unit.tokens = max(count - fixed, ceil(len(text) / CHARACTERS_PER_TOKEN))
    return fixed


def _oversized(units: Sequence[_Unit], room: int, cuts: dict[Kind, list[Cut]]) -> Iterator[bool]:
    """For each unit, whether it must be cut again. What follows a heading must leave room for it."""
    lead = 0
    for unit in units:
        limit = room - lead if lead <= room // 2 else room
        yield unit.tokens > limit and unit.cuts < len(cuts[unit.span.kind])
        lead = lead + unit.tokens if unit.is_heading else 0


def _sections(units: Sequence[_Unit]) -> Iterator[list[_Unit]]:
    """Runs of units that may share a piece."""
    section: list[_Unit] = []
    tokens, only_headings = 0, True
    for unit in units:
        if section and unit.is_heading and unit.span is not section[-1].span:
            tiny = tokens < TINY and _is_below(unit.span.headings, section[-1].span.headings)
            if not tiny and not only_headings:
                yield section
                section, tokens, only_headings = [], 0, True
        section.append(unit)
        tokens += unit.tokens
        only_headings = only_headings and unit.is_heading
    if section:
        yield section


def _is_below(path: tuple[str, ...], above: tuple[str, ...]) -> bool:
    return len(path) > len(above) and path[: len(above)] == above


def _runs(units: Sequence[_Unit], room: int, overlap: int) -> Iterator[tuple[int, int]]:
    """(begin, end) of each piece within the units of a section."""
    before = [0, *accumulate(unit.tokens for unit in units)]
    begin = first = 0  # ``first``: the first unit that is in no piece yet; from ``begin`` to it is the overlap
    while True:
        end = first + 1
        while end < len(units) and before[end + 1] - before[begin] <= room:
            end += 1
        if end == len(units):
            yield begin, end
            return
        end = _good_end(units, before, begin, first, end, room)
        yield begin, end
        least, begin = begin + 1, end
        allowed = min(overlap, room - units[end].tokens)
        if not units[end].is_heading:
            while begin > least and not units[begin - 1].is_heading and before[end] - before[begin - 1] <= allowed:
                begin -= 1
        first = end


def _good_end(units: Sequence[_Unit], before: Sequence[int], begin: int, first: int, end: int, room: int) -> int:
    """The end of a piece, moved back to the end of a block, and before headings that have nothing below them yet."""
    block = end
    while block > first and units[block - 1].span is units[end].span:
        block -= 1
    if block > first and before[block] - before[begin] >= room // 2:
        end = block
    heading = end
    while heading > first and units[heading - 1].is_heading:
        heading -= 1
    return heading if heading > first else end


def _cuts(size: int) -> dict[Kind, list[Cut]]:
    """How a block is cut: the first cut always, the others where a part is too long."""
    finest: list[Cut] = [_words, partial(_characters, length=max(1, size // 4))]
    return {
        "heading": [_whole, *finest],
        "paragraph": [_sentences, *finest],
        "list": [_items, _sentences, *finest],
        "table": [_lines, *finest],
        "code": [_whole, _lines, *finest],
    }


def _whole(content: str, start: int, end: int) -> list[int]:
    return [start]


def _sentences(content: str, start: int, end: int) -> list[int]:
    return _after(content, start, (start + first for first, _ in sentences(content[start:end])))


def _items(content: str, start: int, end: int) -> list[int]:
    return _after(content, start, (_word_from(content, match.start()) for match in _ITEM.finditer(content, start, end)))


def _lines(content: str, start: int, end: int) -> list[int]:
    return _after(content, start, (match.start() for match in _LINE.finditer(content, start, end)))


def _words(content: str, start: int, end: int) -> list[int]:
    return _after(content, start, (match.start() for match in _WORD.finditer(content, start, end)))


def _characters(content: str, start: int, end: int, *, length: int) -> list[int]:
    """No tokenizer makes more than four tokens of a character (its bytes), so a quarter of the size always fits."""
    word = _word_from(content, start)
    return [start, *range(word + length, len(content[start:end].rstrip()) + start, length)]


def _after(content: str, start: int, positions: Iterable[int]) -> list[int]:
    """``start`` and the positions after its first word's beginning: white space alone is no part."""
    word = _word_from(content, start)
    return [start, *(position for position in positions if position > word)]


def _word_from(content: str, position: int) -> int:
    word = _WORD.search(content, position)
    return word.start() if word else position
