"""PowerPoint presentations of 1997 to 2003 (.ppt), after Microsoft's [MS-PPT] and, for shapes, [MS-ODRAW].

The file is a tree of records. Each save adds changed parts to its end, with a directory that says which are in force.
"""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from struct import unpack_from
from typing import NamedTuple

from documents.blocks import Block, LoadedDocument
from documents.errors import BrokenFile, EncryptedFile
from documents.loaders.base import Loader, bounded
from documents.loaders.ole import Container
from documents.loaders.rendering import table_blocks
from documents.loaders.slides import first_title, slide_blocks

_EDIT, _DIRECTORY = 0x0FF5, 0x1772
_SLIDE_ATOM, _NOTES_ATOM = 0x03EF, 0x03F1
_LIST, _LISTED = 0x0FF0, 0x03F3
_KIND, _CHARACTERS, _BYTES, _REFERENCE = 0x0F9F, 0x0FA0, 0x0FA8, 0x0F9E
_DRAWING, _ART, _GROUP, _SHAPE = 0x040C, 0xF002, 0xF003, 0xF004
_OPTIONS, _MORE_OPTIONS, _ANCHOR, _CLIENT, _TEXT_BOX, _PLACEHOLDER = 0xF00B, 0xF122, 0xF00F, 0xF011, 0xF00D, 0x0BC3
_TABLE_OPTION = 0x039F

_TITLES, _BODIES, _NOTES = (0, 6), (1, 7, 8), 2
"""Kinds of text."""
_ON_EVERY_SLIDE = range(7, 11)
"""Placeholders for date, number, footer and header."""
_ENCRYPTED = 0xF3D1C4DF
_ENCRYPTED_EDIT_LENGTH = 32
_MAX_DEPTH = 30
_MAX_TABLE = 20_000


class PptLoader(Loader):
    """Slides hidden in the show are read: whoever opens the file sees them."""

    def load(self, data: bytes, name: str) -> LoadedDocument:
        container = Container(data)
        folder = "PP97_DUALSTORAGE/" if container.find("PP97_DUALSTORAGE/PowerPoint Document") else ""
        user = container.find(f"{folder}Current User")
        if len(user) >= 20 and unpack_from("<I", user, 12)[0] == _ENCRYPTED:
            raise EncryptedFile
        edit = unpack_from("<I", user, 16)[0] if len(user) >= 20 else 0
        blocks = bounded(_Presentation(container.read(f"{folder}PowerPoint Document"), edit).blocks())
        return LoadedDocument(container.title() or first_title(blocks), blocks)


class _Record(NamedTuple):
    kind: int
    instance: int
    start: int
    end: int
    """Of what is in it."""


class _Said(NamedTuple):
    """The text of a shape."""

    kind: int
    text: str


class _Listed(NamedTuple):
    """What the list of slides says of one."""

    reference: int
    number: int
    texts: list[_Said]


class _Cell(NamedTuple):
    top: int
    left: int
    text: str


class _Presentation:
    def __init__(self, data: bytes, edit: int) -> None:
        self._data = data
        self._parts: dict[int, int] = {}
        self._read: set[int] = set()
        document = self._read_directories(edit)
        self._lists: dict[int, list[_Listed]] = {}
        for record in self._records(self._part(document)):
            if record.kind == _LIST:
                self._lists.setdefault(record.instance, []).extend(self._listed(record))

    def blocks(self) -> Iterator[Block]:
        notes = dict(map(self._notes, self._lists.get(2, [])))
        for page, slide in enumerate(self._lists.get(0, []), 1):
            said = list(self._slide(slide))
            titles = [one.text for one in said if isinstance(one, _Said) and one.kind in _TITLES]
            body = [block for one in said for block in _blocks(one, page)]
            yield from slide_blocks(page, " ".join(" ".join(titles).split()), body, notes.get(slide.number, ""))

    def _read_directories(self, edit: int) -> int:
        """Where each part is, as of the last save. Gives the reference of the document's own part."""
        if self._record(edit).kind != _EDIT:
            edits = [record for record in self._records(_Record(0, 0, 0, len(self._data))) if record.kind == _EDIT]
            if not edits:
                raise BrokenFile("The file is damaged: the list of its slides is missing.")
            edit = edits[-1].start - 8
        document, seen = None, set[int]()
        while edit not in seen and (record := self._record(edit)).kind == _EDIT:
            seen.add(edit)
            if record.end - record.start >= _ENCRYPTED_EDIT_LENGTH:
                raise EncryptedFile
            edit, directory, reference = unpack_from("<III", self._data, record.start + 8)
            document = reference if document is None else document
            self._read_directory(self._record(directory))
        return document or 0

    def _read_directory(self, record: _Record) -> None:
        position = record.start
        while record.kind == _DIRECTORY and position + 4 <= record.end:
            (head,) = unpack_from("<I", self._data, position)
            first, count = head & 0xFFFFF, min(head >> 20, (record.end - position - 4) // 4)
            for number, offset in enumerate(unpack_from(f"<{count}I", self._data, position + 4), first):
                self._parts.setdefault(number, offset)
            position += 4 + 4 * count

    def _record(self, offset: int) -> _Record:
        if offset + 8 > len(self._data):
            return _Record(0, 0, 0, 0)
        version, kind, length = unpack_from("<HHI", self._data, offset)
        return _Record(kind, version >> 4, offset + 8, min(offset + 8 + length, len(self._data)))

    def _records(self, parent: _Record) -> Iterator[_Record]:
        position = parent.start
        while position + 8 <= parent.end:
            record = self._record(position)
            yield record._replace(end=min(record.end, parent.end))
            position = record.end

    def _part(self, reference: int) -> _Record:
        return self._record(self._parts.get(reference, len(self._data)))

    def _find(self, parent: _Record, *kinds: int) -> _Record:
        """The first record of that kind within the first of the kind before, and so on; else an empty one."""
        for kind in kinds:
            parent = next((record for record in self._records(parent) if record.kind == kind), _Record(0, 0, 0, 0))
        return parent

    def _listed(self, parent: _Record) -> Iterator[_Listed]:
        slide: _Listed | None = None
        for record in self._records(parent):
            if record.kind == _LISTED:
                if slide:
                    yield slide
                reference, _, _, number = unpack_from("<4I", self._data, record.start)
                slide = _Listed(reference, number, [])
            elif slide:
                self._add_text(record, slide.texts)
        if slide:
            yield slide

    def _add_text(self, record: _Record, texts: list[_Said]) -> None:
        """A record says what kind of text follows, the next one what it says; it is left out if that is nothing."""
        if record.kind == _KIND:
            texts.append(_Said(unpack_from("<I", self._data, record.start)[0], ""))
        elif record.kind in (_CHARACTERS, _BYTES) and texts:
            encoding = "utf-16-le" if record.kind == _CHARACTERS else "latin-1"
            texts[-1] = texts[-1]._replace(text=self._data[record.start : record.end].decode(encoding, "replace"))

    def _slide(self, slide: _Listed) -> Iterator[_Said | list[_Cell]]:
        """What is on the slide, in the order in which its shapes lie on each other, with tables in one."""
        part = self._part(slide.reference)
        if part.start in self._read:
            return
        if part.start < part.end:
            self._read.add(part.start)
        shapes = list(self._shapes(self._find(part, _DRAWING, _ART, _GROUP), slide.texts, 0))
        yield from shapes
        shown = {one for one in shapes if isinstance(one, _Said)}
        yield from (one for one in slide.texts if one.text.strip() and one not in shown)

    def _notes(self, notes: _Listed) -> tuple[int, str]:
        """The number of a slide and what the speaker noted about it."""
        part = self._part(notes.reference)
        atom = self._find(part, _NOTES_ATOM)
        number = unpack_from("<I", self._data, atom.start)[0] if atom.end >= atom.start + 4 else 0
        shapes = self._shapes(self._find(part, _DRAWING, _ART, _GROUP), notes.texts, 0)
        texts = [one.text for one in shapes if isinstance(one, _Said) and one.kind == _NOTES]
        return number, "\n".join(texts).replace("\r", "\n")

    def _shapes(self, group: _Record, outline: list[_Said], depth: int) -> Iterator[_Said | list[_Cell]]:
        for record in self._records(group):
            if record.kind == _SHAPE:
                if (said := self._shape(record, outline)) and said.text.strip():
                    yield said
            elif record.kind == _GROUP and depth < _MAX_DEPTH:
                cells = list(self._cells(record, outline)) if self._is_table(record) else []
                if cells:
                    yield cells
                else:
                    yield from self._shapes(record, outline, depth + 1)

    def _shape(self, shape: _Record, outline: list[_Said]) -> _Said | None:
        placeholder = self._find(shape, _CLIENT, _PLACEHOLDER)
        if placeholder.end > placeholder.start + 4 and self._data[placeholder.start + 4] in _ON_EVERY_SLIDE:
            return None
        texts: list[_Said] = []
        for record in self._records(self._find(shape, _TEXT_BOX)):
            if record.kind == _REFERENCE:
                (position,) = unpack_from("<I", self._data, record.start)
                return outline[position] if position < len(outline) else None
            self._add_text(record, texts)
        return texts[0] if texts else None

    def _is_table(self, group: _Record) -> bool:
        head = self._find(group, _SHAPE)
        for record in self._records(head):
            if record.kind in (_OPTIONS, _MORE_OPTIONS):
                count = min(record.instance, (record.end - record.start) // 6)
                options = (unpack_from("<H", self._data, record.start + 6 * i)[0] for i in range(count))
                if any(option & 0x3FFF == _TABLE_OPTION for option in options):
                    return True
        return False

    def _cells(self, group: _Record, outline: list[_Said]) -> Iterator[_Cell]:
        for record in self._records(group):
            anchor = self._find(record, _ANCHOR)
            said = self._shape(record, outline)
            if said and anchor.end - anchor.start >= 16:
                left, top = unpack_from("<ii", self._data, anchor.start)
                yield _Cell(top, left, said.text)


def _grid(cells: list[_Cell]) -> list[list[str]]:
    """A cell's place in the table is told by where it lies on the slide."""
    columns = sorted({cell.left for cell in cells})
    rows = [list(row) for _, row in groupby(sorted(cells), itemgetter(0))]
    if len(columns) * len(rows) > _MAX_TABLE:
        return [[cell.text for cell in row] for row in rows]
    filled = [{cell.left: cell.text for cell in row} for row in rows]
    return [[row.get(column, "") for column in columns] for row in filled]


def _blocks(said: _Said | list[_Cell], page: int) -> Iterator[Block]:
    if not isinstance(said, _Said):
        yield from table_blocks(_grid(said), page)
    elif said.kind not in _TITLES:
        paragraphs = [" ".join(line.split()) for line in said.text.split("\r") if line.strip()]
        if said.kind in _BODIES and len(paragraphs) > 1:
            yield Block("list", "\n".join(f"- {line}" for line in paragraphs), page=page)
        else:
            yield Block("paragraph", "\n".join(paragraphs), page=page)
