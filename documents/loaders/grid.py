"""The cells of a sheet, whichever program made it, as tables and the lines around them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from documents.blocks import Block
from documents.errors import FileTooLarge
from documents.loaders.base import MAX_TEXT
from documents.loaders.rendering import table_blocks

MAX_CAPTION = 100
_HEADER_ROWS = 3
_LONGEST_NUMBER = 40
_SIGNS = r"\s$€£¥"
_NUMBER = re.compile(rf"[-–—+(<>≈~{_SIGNS}]*(?:\d[\d.,:'’\s/-]*(?:[eE][-+]?\d+)?[%){_SIGNS}]*)?")
_YEAR = re.compile(r"(?:19|20)\d\d")

Rows = list[list[str]]
Range = tuple[tuple[int, int], tuple[int, int]]
"""(row, column) of the first and the last cell of those that were merged."""


def sheet_blocks(name: str, number: int, rows: Iterable[list[str]], merged: Sequence[Range] = ()) -> Iterator[Block]:
    """A heading with the sheet's name, then its tables; nothing where no cell is filled. ``number`` is the page.

    Rows without text part the tables of a sheet, but also the sections of one table. A new table begins where words
    alone stand above numbers, as headers do. A line before it is its caption.
    """
    cells = _bounded(rows)
    fill_merged(cells, merged)
    table: Rows = []
    lines: Rows = []
    started = False
    for group in (list(run) for filled, run in groupby(cells, any) if filled):
        if not started:
            yield Block("heading", name, level=1, page=number)
            started = True
        lead = next((position for position, row in enumerate(group) if _width(row) > 1), len(group))
        if lead < len(group) and _begins_table(group[lead:], table):
            yield from _table(table, number)
            yield from _captions(lines + group[:lead], number)
            table, lines = group[lead:], []
        elif lead < len(group):
            table += lines + group
            lines = []
        else:
            lines += group
    yield from _table(table, number)
    if lines:
        yield Block("paragraph", "\n".join(map(_line, lines)), page=number)


def _bounded(rows: Iterable[list[str]]) -> Rows:
    kept, length = [], 0
    for row in rows:
        kept.append(row)
        length += sum(map(len, row))
        if length > MAX_TEXT:
            raise FileTooLarge("The file holds more text than one document may.")
    return kept


def fill_merged(rows: Rows, merged: Sequence[Range]) -> None:
    """Each of the merged cells says what they say together, but not where nothing else is in their row."""
    for (top, left), (bottom, right) in merged:
        if not 0 <= top < len(rows) or not 0 <= left < len(rows[top]) or not (text := rows[top][left]):
            continue
        for row in rows[top : bottom + 1]:
            if any(row[:left]) or any(row[right + 1 :]):
                row[left : right + 1] = [text] * len(row[left : right + 1])


def _begins_table(group: Rows, table: Rows) -> bool:
    if not table:
        return True
    return _is_words(group[0]) and (not all(map(_is_words, group)) or not all(map(_is_words, table)))


def _is_words(row: Sequence[str]) -> bool:
    """Whether no cell is a number, as in a header; years are names of columns."""
    return not any(map(_is_number, row))


def _is_number(cell: str) -> bool:
    return 0 < len(cell) <= _LONGEST_NUMBER and bool(_NUMBER.fullmatch(cell)) and not _YEAR.fullmatch(cell)


def _width(row: Sequence[str]) -> int:
    return sum(map(bool, row))


def _line(row: Sequence[str]) -> str:
    return next(filter(None, row), "")


def _captions(lines: Rows, number: int) -> Iterator[Block]:
    """The last line before a table is its heading, if it reads like one."""
    texts = [" ".join(_line(row).split()) for row in lines]
    if texts and len(texts[-1]) <= MAX_CAPTION and not texts[-1].endswith((".", ";", ",")):
        caption = [Block("heading", texts.pop(), level=2, page=number)]
    else:
        caption = []
    if texts:
        yield Block("paragraph", "\n".join(texts), page=number)
    yield from caption


def _table(rows: Rows, number: int) -> Iterator[Block]:
    used = sorted({column for row in rows for column, cell in enumerate(row) if cell})
    rows = [[row[column] if column < len(row) else "" for column in used] for row in rows]
    height = next((position for position, row in enumerate(rows) if not _is_words(row)), 0)
    if 1 < height <= _HEADER_ROWS and _is_incomplete(rows[0], rows[1:height]):
        rows = [list(map(_joined, zip(*rows[:height], strict=True))), *rows[height:]]
    yield from table_blocks(rows, number)


def _is_incomplete(header: Sequence[str], below: Rows) -> bool:
    """Whether the rows below name columns that the header leaves open, or says the same of."""
    texts = [text for text, *others in zip(header, *below, strict=True) if any(others)]
    return "" in texts or len(set(texts)) < len(texts)


def _joined(cells: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(filter(None, cells)))
