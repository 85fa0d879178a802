"""Paragraphs, list items and table rows as a file names them one after the other, gathered into blocks."""

from collections.abc import Sequence

from documents.blocks import Block
from documents.loaders.rendering import table_blocks

_DEEPEST = 8


class Flow:
    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._items: list[str] = []
        self._rows: list[Sequence[str]] = []

    def paragraph(self, text: str, level: int = 0) -> None:
        """``level`` is that of a heading. A paragraph without text does not end what surrounds it."""
        if text.strip():
            self.end()
            self._blocks.append(Block("heading" if level else "paragraph", text.strip(), level=min(level, 6)))

    def item(self, text: str, marker: str = "-", depth: int = 0) -> None:
        if text.strip():
            self._end_table()
            self._items.append(f"{'  ' * min(depth, _DEEPEST)}{marker} {' '.join(text.split())}")

    def row(self, cells: Sequence[str]) -> None:
        self._end_list()
        self._rows.append(cells)

    def end(self) -> tuple[Block, ...]:
        """All blocks up to here."""
        self._end_table()
        self._end_list()
        return tuple(self._blocks)

    @property
    def row_above(self) -> Sequence[str]:
        return self._rows[-1] if self._rows else ()

    def _end_table(self) -> None:
        if max(map(len, self._rows), default=0) > 1:
            self._blocks += table_blocks(self._rows)
        else:  # a frame around text
            self._blocks += [Block("paragraph", cell) for row in self._rows for cell in row]
        self._rows = []

    def _end_list(self) -> None:
        if self._items:
            self._blocks.append(Block("list", "\n".join(self._items)))
            self._items = []
