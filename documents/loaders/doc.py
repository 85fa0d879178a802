"""Word documents of 1997 to 2003 (.doc), and the text of older ones."""

from collections.abc import Sequence
from itertools import accumulate, pairwise

from documents.blocks import Block, LoadedDocument
from documents.loaders.base import Loader
from documents.loaders.flow import Flow
from documents.loaders.ole import Container
from documents.loaders.word_binary import MARK, Look, Style, WordText, read_word

_READ_STORIES = (0, 1, 5, 6)
"""Main text, footnotes, endnotes, text boxes; not headers, macros, comments."""
_CHARACTER = {0x0B: "\n", 0x0E: "\n", 0x1E: "-", 0x1F: None, 0x01: None, 0x02: None, 0x05: None, 0x08: None}


class DocLoader(Loader):
    """Headings are told by their style or outline level. Headers, comments, hidden and deleted text are left out."""

    def load(self, data: bytes, name: str) -> LoadedDocument:
        container = Container(data)
        blocks = _blocks(read_word(container))
        first = next((block.text for block in blocks if block.kind == "heading"), "")
        return LoadedDocument(container.title() or first, blocks)


def _blocks(text: WordText) -> tuple[Block, ...]:
    writer = _Writer(text.styles)
    ends = accumulate(text.lengths, initial=0)
    for story, (start, end) in enumerate(pairwise(ends)):
        if story in _READ_STORIES:
            for part, look in text.parts(start, end):
                writer.write(part, look)
            writer.end_paragraph(Look())
    return writer.flow.end()


class _Writer:
    def __init__(self, styles: Sequence[Style]) -> None:
        self.flow = Flow()
        self._styles = styles
        self._text: list[str] = []
        self._cells: list[str] = []
        self._fields: list[bool] = []
        """Of the fields around the present character, which are before their result: that is not to be read."""

    def write(self, text: str, look: Look) -> None:
        for position, part in enumerate(MARK.split(text)):
            if position % 2:
                self._mark(part, look)
            elif not any(self._fields[-1:]):
                self._text.append(part.translate(_CHARACTER))

    def _mark(self, mark: str, look: Look) -> None:
        match mark:
            case "\x13":
                self._fields.append(True)
            case "\x14" if self._fields:
                self._fields[-1] = any(self._fields[-2:-1])
            case "\x15" if self._fields:
                self._fields.pop()
            case "\x07":
                self._end_cell(look)
            case "\r" | "\x0c" if look.in_table:
                self._text.append("\n")
            case "\r" | "\x0c":
                self.end_paragraph(look)

    def _end_cell(self, look: Look) -> None:
        """The mark that ends a row comes after that of its last cell."""
        text = "".join(self._text)
        self._text = []
        if look.ends_row or (not look.in_table and self._cells and not text):
            self.flow.row(self._cells)
            self._cells = []
        else:
            self._cells.append(text)

    def end_paragraph(self, look: Look) -> None:
        text = "".join(self._text)
        self._text = []
        style = self._styles[look.style] if look.style < len(self._styles) else Style()
        level = look.outline + 1 if look.outline < 9 else style.level
        if not level and (style.is_list if look.listed is None else look.listed):
            self.flow.item(text, depth=look.depth)
        else:
            self.flow.paragraph(text, level)
