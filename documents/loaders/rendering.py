"""How lists and tables look in a version's text, whichever format they come from."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from textwrap import indent

from documents.blocks import Block

TABLE_PART = 500
"""Characters of a part of a long table: what fits into a passage, its header among them, even if it is all numbers."""


def pipe_table(rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; the first row is its header. Rows and columns without any text are left out."""
    cleaned = [[" ".join(cell.split()).replace("|", "\\|") for cell in row] for row in rows]
    cleaned = [row for row in cleaned if any(row)]
    width = max(map(len, cleaned), default=0)
    cleaned = [row + [""] * (width - len(row)) for row in cleaned]
    columns = [column for column in range(width) if any(row[column] for row in cleaned)]
    lines = ["| " + " | ".join(row[column] for column in columns) + " |" for row in cleaned]
    if len(lines) > 1:
        # The shortest line that Markdown takes: each hyphen is a token.
        lines.insert(1, "|" + "-|" * len(columns))
    return "\n".join(lines)


def table_blocks(rows: Iterable[Sequence[str]], page: int | None = None) -> Iterator[Block]:
    """A long table as several, each of which begins with the header: a passage says by itself what its rows mean.

    Where the header would take up half of each part, a row becomes a list of ``header: value``.
    """
    cleaned = [[" ".join(cell.split()) for cell in row] for row in rows]
    filled = [row for row in cleaned if any(row)]
    if not filled:
        return
    header, body = filled[0], filled[1:]
    room = TABLE_PART - _length(header)
    if not body or room >= TABLE_PART // 2:
        yield from (Block("table", pipe_table([header, *part]), page=page) for part in _parts(body, room))
        return
    for row in body:
        cells = zip_longest(header, row, fillvalue="")
        fields = [f"{name}: {value}" if name else value for name, value in cells if value]
        yield Block("list", list_text(fields), page=page)


def _parts(rows: Sequence[Sequence[str]], room: int) -> Iterator[list[Sequence[str]]]:
    part: list[Sequence[str]] = []
    length = 0
    for row in rows:
        if part and length + _length(row) > room:
            yield part
            part, length = [], 0
        part.append(row)
        length += _length(row)
    yield part


def _length(row: Sequence[str]) -> int:
    return sum(map(len, row)) + 3 * len(row)


def list_text(items: Iterable[str], first: int | None = None) -> str:
    """One line or more for each item; ``first`` is the number of the first item in a numbered list."""
    lines = []
    for position, item in enumerate(items):
        marker = "- " if first is None else f"{first + position}. "
        lines.append(marker + indent(item.strip(), " " * len(marker)).lstrip())
    return "\n".join(lines)


def under_heading(title: str, blocks: Iterable[Block], level: int = 1) -> Iterator[Block]:
    """The blocks of a file within a file, below a heading that names it."""
    yield Block("heading", title, level=level)
    for block in blocks:
        yield replace(block, level=min(block.level + level, 6)) if block.kind == "heading" else block
