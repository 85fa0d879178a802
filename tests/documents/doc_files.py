"""Writes Word documents of 1997 ([MS-DOC]) with what the reader looks at, and nothing else."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.documents.ole_files import ole_file

TEXT = 0x600
HEADING_1, HEADING_2, LIST_BULLET, OWN = 1, 2, 3, 4
"""Styles by their place in the sheet; the last is an editor's own, based on the first."""
_STYLES = [(0, 0xFFF), (1, 0), (2, 0), (48, 0), (0xFFE, HEADING_1)]

IN_TABLE, ROW_END, LISTED = b"\x16\x24\x01", b"\x16\x24\x01\x17\x24\x01", b"\x0b\x46\x01\x00"
OUTLINE_2 = b"\x40\x26\x01"
HIDDEN, DELETED = b"\x3c\x08\x01", b"\x00\x08\x01"


@dataclass(frozen=True)
class P:
    text: str
    style: int = 0
    modifiers: bytes = b""
    end: str = "\r"
    look: bytes = b""
    """Modifiers of its characters, but for the mark at its end."""


def doc_file(
    *paragraphs: P,
    compressed: bool = False,
    flags: int = 0,
    footnotes: Sequence[P] = (),
    more: Mapping[str, bytes] | None = None,
) -> bytes:
    """A document; ``compressed`` stores a character in one byte; ``more`` are streams beside its own."""
    encoding, width = ("cp1252", 1) if compressed else ("utf-16-le", 2)
    main, notes = ("".join(p.text + p.end for p in story) for story in (paragraphs, footnotes))
    text = (main + notes).encode(encoding)
    paragraph_runs, character_runs, position = [], [], TEXT
    for p in (*paragraphs, *footnotes):
        mark = position + len(p.text.encode(encoding))
        end = mark + len(p.end) * width
        paragraph_runs.append((position, end, struct.pack("<H", p.style) + p.modifiers))
        character_runs += [(position, mark, p.look)] if p.text else []
        character_runs.append((mark, end, b""))
        position = end
    pages = [_paragraph_page(paragraph_runs), _character_page(character_runs)]
    first = -(-(TEXT + len(text)) // 512)

    place = TEXT * 2 | 0x40000000 if compressed else TEXT
    pieces = struct.pack("<II", 0, len(main) + len(notes)) + struct.pack("<HIH", 0, place, 0)
    modifiers = b"\x01" + struct.pack("<H", 3) + b"abc"
    sheet = struct.pack("<HHH", 4, len(_STYLES), 10)
    for kind, base in _STYLES:
        sheet += struct.pack("<HHHHH", 10, kind, base << 4 | 1, 0, 0) + bytes(2)
    parts = {
        0x1A2: modifiers + b"\x02" + struct.pack("<I", len(pieces)) + pieces,
        0x102: struct.pack("<III", TEXT, position, first),
        0xFA: struct.pack("<III", TEXT, position, first + 1),
        0xA2: sheet,
    }
    head, table = bytearray(TEXT), b""
    struct.pack_into("<HH", head, 0, 0xA5EC, 0xC1)
    struct.pack_into("<H", head, 0x0A, 0x0200 | flags)
    struct.pack_into("<II", head, 0x4C, len(main), len(notes))
    for place, part in parts.items():
        struct.pack_into("<II", head, place, len(table), len(part))
        table += part
    body = bytes(head) + text
    body += bytes(first * 512 - len(body)) + b"".join(pages)
    return ole_file({"WordDocument": body, "1Table": table, **(more or {})})


def property_set(*properties: tuple[int, bytes]) -> bytes:
    """Numbers and values, as [MS-OLEPS] lays them out."""
    places, values = b"", b""
    for number, value in properties:
        places += struct.pack("<II", number, 8 + 8 * len(properties) + len(values))
        values += value + bytes(-len(value) % 4)
    section = struct.pack("<II", 8 + len(places) + len(values), len(properties)) + places + values
    head = struct.pack("<HHI16sI", 0xFFFE, 0, 0, bytes(16), 1) + bytes(16) + struct.pack("<I", 48)
    return head + section


def old_doc_file(text: bytes) -> bytes:
    """A document of Word 95: its text in one run."""
    head = bytearray(0x300)
    struct.pack_into("<HH", head, 0, 0xA5DC, 0x68)
    struct.pack_into("<I", head, 0x18, len(head))
    struct.pack_into("<I", head, 0x34, len(text))
    return ole_file({"WordDocument": bytes(head) + text})


def _paragraph_page(runs: list[tuple[int, int, bytes]]) -> bytes:
    page = bytearray(512)
    struct.pack_into(f"<{len(runs) + 1}I", page, 0, *(start for start, _, _ in runs), runs[-1][1])
    place = 511
    for number, (_, _, properties) in enumerate(runs):
        properties += bytes(1 - len(properties) % 2)
        place = (place - len(properties) - 1) // 2 * 2
        page[4 * (len(runs) + 1) + 13 * number] = place // 2
        page[place : place + 1 + len(properties)] = bytes([(len(properties) + 1) // 2]) + properties
    assert place > 17 * len(runs) + 4
    page[511] = len(runs)
    return bytes(page)


def _character_page(runs: list[tuple[int, int, bytes]]) -> bytes:
    page = bytearray(512)
    struct.pack_into(f"<{len(runs) + 1}I", page, 0, *(start for start, _, _ in runs), runs[-1][1])
    place = 511
    for number, (_, _, modifiers) in enumerate(runs):
        if modifiers:
            place = (place - len(modifiers) - 1) // 2 * 2
            page[4 * (len(runs) + 1) + number] = place // 2
            page[place : place + 1 + len(modifiers)] = bytes([len(modifiers)]) + modifiers
    assert place > 5 * len(runs) + 4
    page[511] = len(runs)
    return bytes(page)
