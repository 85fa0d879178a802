"""Writes presentations of PowerPoint 97 ([MS-PPT]) with what the reader looks at, and nothing else."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.documents.ole_files import ole_file

TITLE, BODY, NOTES, OTHER = 0, 1, 2, 4


@dataclass(frozen=True)
class Slide:
    outline: Sequence[tuple[int, str]] = ()
    """Kind and text of placeholders."""
    boxes: Sequence[str] = ()
    table: Sequence[Sequence[str]] = ()
    footer: str = ""
    notes: str = ""
    raw: bytes = field(default=b"", repr=False)
    """Records that stand among the shapes."""


def record(kind: int, *content: bytes, instance: int = 0, version: int = 0) -> bytes:
    body = b"".join(content)
    return struct.pack("<HHI", instance << 4 | version, kind, len(body)) + body


def container(kind: int, *content: bytes, instance: int = 0) -> bytes:
    return record(kind, *content, instance=instance, version=15)


def said(kind: int, text: str) -> bytes:
    try:
        return record(0x0F9F, struct.pack("<I", kind)) + record(0x0FA8, text.encode("latin-1"))
    except UnicodeEncodeError:
        return record(0x0F9F, struct.pack("<I", kind)) + record(0x0FA0, text.encode("utf-16-le"))


def shape(*content: bytes) -> bytes:
    return container(0xF004, record(0xF00A, bytes(8)), *content)


def ppt_file(*slides: Slide, token: int = 0xE391C05F, folder: str = "", lost_edit: bool = False) -> bytes:
    """A presentation that was saved once."""
    parts = [_slide(slide) for slide in slides]
    noted = [number for number, slide in enumerate(slides) if slide.notes]
    parts += [_notes(number, slides[number].notes) for number in noted]
    listed = b"".join(
        record(0x03F3, struct.pack("<IIIII", number + 2, 0, 0, 256 + number, 0))
        + b"".join(said(kind, text) for kind, text in slide.outline)
        for number, slide in enumerate(slides)
    )
    listed_notes = b"".join(
        record(0x03F3, struct.pack("<IIIII", len(slides) + 2 + place, 0, 0, 512 + place, 0))
        for place in range(len(noted))
    )
    document = container(0x03E8, container(0x0FF0, listed, instance=0), container(0x0FF0, listed_notes, instance=2))
    stream, offsets = b"", []
    for part in (document, *parts):
        offsets.append(len(stream))
        stream += part
    directory = len(stream)
    stream += record(0x1772, struct.pack("<I", len(offsets) << 20 | 1), struct.pack(f"<{len(offsets)}I", *offsets))
    edit = len(stream)
    stream += record(0x0FF5, struct.pack("<IIIIIIHH", 0, 0, edit, directory, 1, len(offsets), 0, 0))
    user = record(0x0FF6, struct.pack("<III", 20, token, 0 if lost_edit else edit))
    return ole_file({f"{folder}PowerPoint Document": stream, f"{folder}Current User": user})


def _slide(slide: Slide) -> bytes:
    shapes = [shape(container(0xF00D, record(0x0F9E, struct.pack("<I", place)))) for place in range(len(slide.outline))]
    shapes += [shape(container(0xF00D, said(OTHER, text))) for text in slide.boxes]
    if slide.table:
        cells = [
            shape(record(0xF00F, struct.pack("<iiii", 10 * left, 10 * top, 0, 0)), container(0xF00D, said(OTHER, text)))
            for top, row in enumerate(slide.table)
            for left, text in enumerate(row)
        ]
        head = shape(record(0xF122, struct.pack("<HI", 0x039F, 1), instance=1))
        shapes.append(container(0xF003, head, *reversed(cells)))
    if slide.footer:
        client = container(0xF011, record(0x0BC3, struct.pack("<IBBH", 0, 9, 0, 0)))
        shapes.append(shape(client, container(0xF00D, said(OTHER, slide.footer))))
    return container(0x03EE, record(0x03EF, bytes(24)), _drawing(*shapes, slide.raw))


def _notes(number: int, text: str) -> bytes:
    notes = shape(container(0xF00D, said(NOTES, text)))
    return container(0x03F0, record(0x03F1, struct.pack("<II", 256 + number, 0)), _drawing(notes))


def _drawing(*shapes: bytes) -> bytes:
    return container(0x040C, container(0xF002, container(0xF003, shape(), *shapes)))
