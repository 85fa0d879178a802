"""What a file says, as a row of blocks, and the one text that is made of them.

Every citation is an offset into that text, so it is cleaned here, once, before anything is counted.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["heading", "paragraph", "list", "code", "table"]
HEADING_LENGTH = 160
"""A heading is cut to so many characters where it stands in a path."""

_NEWLINES = dict.fromkeys(map(ord, "\r\v\f\x85\u2028\u2029"), "\n")
# Control characters and what is no character at all cannot be stored or shown; a byte order mark or a soft hyphen in
# the middle of a text only hides words from the search.
_CONTROLS = (c for c in range(0xA0) if unicodedata.category(chr(c)) == "Cc" and chr(c) not in "\n\t")
_DROPPED = dict.fromkeys([*_CONTROLS, 0xAD, 0xFEFF, 0xFFFE, 0xFFFF])
_CLEAN = {**_DROPPED, **_NEWLINES}


@dataclass(frozen=True, slots=True)
class Block:
    kind: Kind
    text: str
    level: int = 0
    """1 (the highest) to 6 for a heading, 0 for all else."""
    page: int | None = None
    """From 1, in formats that have pages."""


@dataclass(frozen=True, slots=True)
class LoadedDocument:
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Where a block lies in the text."""

    start: int
    end: int
    kind: Kind
    headings: tuple[str, ...]
    """The headings it stands under, the highest first. A heading's own text is the last of its own path."""
    page: int | None


@dataclass(frozen=True, slots=True)
class Text:
    content: str
    spans: tuple[Span, ...]
    """In order; between two of them is a blank line."""


def cleaned(text: str) -> str:
    """``\\n`` as the only line end, and nothing that a database cannot store. Any part of a text can be cleaned."""
    text = text.replace("\r\n", "\n").translate(_CLEAN)
    # A surrogate pair becomes its character, a lone half goes.
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")


def normalise(text: str) -> str:
    """Cleaned, in NFC, without trailing spaces."""
    text = unicodedata.normalize("NFC", cleaned(text))
    return "\n".join(line.rstrip() for line in text.split("\n"))


def flatten(blocks: Iterable[Block]) -> Text:
    """Join the blocks by blank lines; a block without text is left out."""
    parts: list[str] = []
    spans: list[Span] = []
    path: list[tuple[int, str]] = []
    position = 0
    for block in blocks:
        text = normalise(block.text).strip("\n") if block.kind == "code" else normalise(block.text).strip()
        if not text:
            continue
        if block.kind == "heading":
            path = [(level, heading) for level, heading in path if level < block.level]
            path.append((block.level, " ".join(text[:HEADING_LENGTH].split())))
        headings = tuple(heading for _, heading in path)
        spans.append(Span(position, position + len(text), block.kind, headings, block.page))
        parts.append(text)
        position += len(text) + 2
    return Text("\n\n".join(parts), tuple(spans))
