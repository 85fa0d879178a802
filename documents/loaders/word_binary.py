"""The structure of Word's files before .docx, after Microsoft's [MS-DOC].

The text is kept in pieces. What a stretch of it is, a heading or a part of a table, is told by where its bytes lie:
pages of 512 bytes list the properties of the paragraphs (PAPX) and of the characters (CHPX).
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import pairwise
from operator import itemgetter
from struct import unpack_from
from typing import Generic, NamedTuple, TypeVar

from documents.errors import BrokenFile, EncryptedFile
from documents.loaders.ole import Container

# Where the first block of the file says things; the last four are pairs of offset and length in the table stream.
_VERSION, _FLAGS, _FIRST, _LENGTHS = 0x02, 0x0A, 0x18, 0x4C
_STYLES, _CHARACTERS, _PARAGRAPHS, _PIECES = 0xA2, 0xFA, 0x102, 0x1A2
_WORD_97, _WORD_95_LENGTHS, _WORD_95_PIECES = 0x00C1, 0x34, 0x160
_FAST_SAVED, _ENCRYPTED, _SECOND_TABLE = 0x0004, 0x0100, 0x0200

# Modifiers of properties, and how long their operands are by their upper three bits.
_DELETED, _HIDDEN = 0x0800, 0x083C
_ROW_END, _IN_TABLE, _OUTLINE, _LIST, _LIST_DEPTH, _ELSEWHERE = 0x2417, 0x2416, 0x2640, 0x460B, 0x260A, 0x6646
_OPERANDS = (1, 1, 2, 4, 2, 2, 0, 3)
_TABLE_DEFINITION = 0xD608

_PAGE = 512
_TITLE, _LISTED = 62, (48, 49, *range(54, 62))
"""Styles: the title, and those of bullets and numbers."""

MARK = re.compile("([\r\x07\x0c\x13\x14\x15])")
"""Ends of paragraphs, cells and pages; the beginning of a field, of its result, and its end."""


class _Piece(NamedTuple):
    start: int
    """Of its first character, counted through the whole document."""
    end: int
    offset: int
    """Of its first byte in the file."""
    width: int
    """Bytes of a character: 1 in Windows' Western code page, 2 in UTF-16."""


class Style(NamedTuple):
    level: int = 0
    """Of a heading; 0 for all else."""
    is_list: bool = False


class Look(NamedTuple):
    style: int = 0
    outline: int = 9
    listed: bool | None = None
    depth: int = 0
    in_table: bool = False
    ends_row: bool = False


T = TypeVar("T")
Run = tuple[int, int, T]
"""Offsets of the first byte and of the one after the last, and how the text between them looks."""


class _Runs(Generic[T]):
    def __init__(self, runs: Iterable[Run[T]], otherwise: T) -> None:
        self._runs = sorted(runs, key=itemgetter(0))
        self._starts = [start for start, _, _ in self._runs]
        self._otherwise = otherwise

    def at(self, offset: int) -> tuple[T, int]:
        """How the byte looks, and the offset from which on that may be different."""
        position = bisect_right(self._starts, offset)
        if position and offset < self._runs[position - 1][1]:
            return self._runs[position - 1][2], self._runs[position - 1][1]
        return self._otherwise, self._starts[position] if position < len(self._starts) else 1 << 32


class WordText(NamedTuple):
    """The text of a document with all that is told of it."""

    main: bytes
    lengths: tuple[int, ...]
    """Characters of main text, footnotes, headers, macros, comments, endnotes, text boxes, and those in headers."""
    pieces: list[_Piece]
    paragraphs: _Runs[Look]
    hidden: _Runs[bool]
    styles: list[Style]

    def parts(self, start: int, end: int) -> Iterator[tuple[str, Look]]:
        """The characters from ``start`` to ``end`` in parts that look alike. Of hidden ones only the marks are left."""
        for piece in self.pieces:
            first, last = max(start, piece.start), min(end, piece.end)
            position = piece.offset + (first - piece.start) * piece.width
            stop = piece.offset + (last - piece.start) * piece.width
            while position < stop:
                look, looks_until = self.paragraphs.at(position)
                hidden, hidden_until = self.hidden.at(position)
                until = min(looks_until, hidden_until, stop)
                until += (until - position) % piece.width
                text = self.main[position:until].decode("cp1252" if piece.width == 1 else "utf-16-le", "replace")
                yield ("".join(MARK.findall(text)) if hidden else text), look
                position = until


def read_word(container: Container) -> WordText:
    """Raises EncryptedFile, BrokenFile, and what struct raises where the file is cut or damaged."""
    main = container.read("WordDocument")
    flags = _short(main, _FLAGS)
    if flags & _ENCRYPTED:
        raise EncryptedFile
    if _short(main, _VERSION) < _WORD_97:
        lengths = (_integer(main, _WORD_95_LENGTHS),)
        return WordText(main, lengths, _old_pieces(main, flags), _Runs([], Look()), _Runs([], False), [])
    table = container.read("1Table" if flags & _SECOND_TABLE else "0Table")
    return WordText(
        main,
        unpack_from("<8I", main, _LENGTHS),
        _pieces(main, _part(main, table, _PIECES)),
        _Runs(_paragraph_pages(main, table, container.find("Data")), Look()),
        _Runs(_character_pages(main, table), False),
        _styles(_part(main, table, _STYLES)),
    )


def _pieces(main: bytes, table: bytes) -> list[_Piece]:
    position = 0
    while table[position] == 1:  # modifiers that fast saving adds
        position += 3 + _short(table, position + 1)
    count = (_integer(table, position + 1) - 4) // 12
    starts = unpack_from(f"<{count + 1}I", table, position + 5)
    places = unpack_from("<" + "2xI2x" * count, table, position + 5 + 4 * (count + 1))
    if starts[-1] > len(main):
        raise BrokenFile("The file is damaged: it says that it has more text than there is.")
    pieces = [
        _Piece(start, end, (place & 0x3FFFFFFF) // 2, 1) if place & 0x40000000 else _Piece(start, end, place, 2)
        for start, end, place in zip(starts, starts[1:], places, strict=False)
    ]
    if any(piece.offset + (piece.end - piece.start) * piece.width > len(main) for piece in pieces):
        raise BrokenFile("The file is incomplete: a part of its text is missing.")
    return pieces


def _old_pieces(main: bytes, flags: int) -> list[_Piece]:
    """Of Word 6 and 95, which has one byte for a character, in one run unless it was saved fast."""
    if not flags & _FAST_SAVED:
        return [_Piece(0, _integer(main, _WORD_95_LENGTHS), _integer(main, _FIRST), 1)]
    found = _pieces(main, _part(main, main, _WORD_95_PIECES))
    return [_Piece(piece.start, piece.end, piece.offset, 1) for piece in found]


def _styles(sheet: bytes) -> list[Style]:
    """Word numbers the styles it brings along alike in all languages. Others are based on them."""
    kinds: list[tuple[int, int]] = []
    position = 2 + _short(sheet, 0)
    for _ in range(_short(sheet, 2)):
        length = _short(sheet, position)
        kinds.append((_short(sheet, position + 2) & 0xFFF, _short(sheet, position + 4) >> 4) if length else (0, 0xFFF))
        position += 2 + length + length % 2
    styles = [Style(kind if 0 < kind < 10 else int(kind == _TITLE), kind in _LISTED) for kind, _ in kinds]
    for style, (_, base) in enumerate(kinds):
        if styles[style] == Style() and base < len(styles):
            styles[style] = styles[base]
    return styles


def _character_pages(main: bytes, table: bytes) -> Iterator[Run[bool]]:
    for page, offsets in _pages(main, _part(main, table, _CHARACTERS)):
        for run, (start, end) in enumerate(pairwise(offsets)):
            place = 2 * page[4 * len(offsets) + run]
            modifiers = _modifiers(page[place + 1 : place + 1 + page[place]]) if place else ()
            yield start, end, any(code in (_DELETED, _HIDDEN) and value & 1 for code, value in modifiers)


def _paragraph_pages(main: bytes, table: bytes, data: bytes) -> Iterator[Run[Look]]:
    for page, offsets in _pages(main, _part(main, table, _PARAGRAPHS)):
        for run, (start, end) in enumerate(pairwise(offsets)):
            place = 2 * page[4 * len(offsets) + 13 * run]
            if not place:
                continue
            if page[place]:
                properties = page[place + 1 : place + 2 * page[place]]
            else:
                properties = page[place + 2 : place + 2 + 2 * page[place + 1]]
            yield start, end, _look(properties, data)


def _pages(main: bytes, listed: bytes) -> Iterator[tuple[bytes, tuple[int, ...]]]:
    """The pages, and the offsets at which the runs in each begin, and the last one ends."""
    count = max(len(listed) - 4, 0) // 8
    for number in dict.fromkeys(unpack_from(f"<{count}I", listed, 4 * (count + 1))) if count else ():
        page = main[(number & 0x3FFFFF) * _PAGE :][:_PAGE]
        if len(page) == _PAGE:
            yield page, unpack_from(f"<{page[-1] + 1}I", page)


def _look(properties: bytes, data: bytes) -> Look:
    modifiers = list(_modifiers(properties[2:]))
    if elsewhere := [place for code, place in modifiers if code == _ELSEWHERE]:
        length = _short(data, elsewhere[0])
        modifiers += _modifiers(data[elsewhere[0] + 2 :][:length])
    found = dict(modifiers)
    return Look(
        style=_short(properties, 0),
        outline=found.get(_OUTLINE, 9),
        listed=bool(found[_LIST]) if _LIST in found else None,
        depth=found.get(_LIST_DEPTH, 0),
        in_table=bool(found.get(_IN_TABLE)),
        ends_row=bool(found.get(_ROW_END)),
    )


def _modifiers(properties: bytes) -> Iterator[tuple[int, int]]:
    """Each modifier with its operand; that of one whose length varies is 0."""
    position = 0
    while position + 2 < len(properties):
        code = _short(properties, position)
        position += 2
        if code == _TABLE_DEFINITION:
            position += 1 + _short(properties, position)
        elif length := _OPERANDS[code >> 13]:
            yield code, int.from_bytes(properties[position : position + length], "little")
            position += length
        else:
            position += 1 + properties[position]


def _part(main: bytes, table: bytes, place: int) -> bytes:
    offset, length = unpack_from("<II", main, place)
    return table[offset : offset + length]


def _short(data: bytes, offset: int) -> int:
    return int(unpack_from("<H", data, offset)[0])


def _integer(data: bytes, offset: int) -> int:
    return int(unpack_from("<I", data, offset)[0])
