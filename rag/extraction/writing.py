"""Chosen pieces as an answer: sentences in a row, lists as lists, tables with their head, code in a fence."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from documents.sentences import sentences
from rag.extraction.pieces import CUT, Piece

_INDEXED = re.compile(r"(?<!`)[\w.()\"']*\w\[\d{1,3}\][\w.()\[\]]*(?!`)")
_NOTE = re.compile(r"(?<=[^\w\s\[])\s?\[\d{1,3}\]|\s\[\d{1,3}\]")


def written(chosen: Sequence[Piece]) -> Iterator[str]:
    """The answer in parts. Each sentence and item ends with its marker; what a marker would spoil has it below."""
    blocks = [list(run) for _, run in groupby(chosen, key=lambda piece: (piece.passage.marker, piece.block))]
    before: Piece | None = None
    for block in blocks:
        inline = block[0].kind == "sentence"
        gap = "" if before is None else " " if inline and before.kind == "sentence" else "\n\n"
        yield gap + _block(block)
        before = block[-1]


def _block(block: Sequence[Piece]) -> str:
    first, marker = block[0], f"[{block[0].passage.marker}]"
    more = f"\n{CUT}" if block[-1].more else ""
    match first.kind:
        case "sentence":
            said = [f"{_quoted(piece.text)}{CUT if piece.more else ''} {marker}" for piece in block]
            return " ".join([_cited(first.lead, marker), *said]).lstrip()
        case "list" | "item":
            items = "\n".join(_cited(piece.text, marker) for piece in block)
            return _below(_cited(first.lead, marker), f"{items}{more}")
        case "table" | "row":
            table = "\n".join(filter(None, [first.head, *(piece.text for piece in block)]))
            return _below(_cited(first.lead, marker), f"{table}\n{more}\n{marker}")
        case _:
            code = "\n".join(piece.text for piece in block)
            return _below(_cited(first.lead, marker), f"```\n{code}\n```{more}\n{marker}")


def _below(lead: str, text: str) -> str:
    return f"{lead}\n\n{text}" if lead else text


def _cited(text: str, marker: str) -> str:
    """Each sentence or item with the marker behind it; the lines stay as they are."""
    parts, position = [], 0
    for start, end in sentences(text):
        parts.append(f"{text[position:start]}{_quoted(text[start:end])} {marker}")
        position = end
    return "".join(parts)


def _quoted(text: str) -> str:
    """What looks like a marker is none: an index into something becomes code, the number of a note goes."""
    return _NOTE.sub("", _INDEXED.sub(r"`\g<0>`", text)) if "[" in text else text
