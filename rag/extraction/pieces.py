"""Passages cut into what an answer can quote: sentences, lists, rows of tables, code."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from documents.sentences import ITEM, sentences
from rag.extraction.words import count, cut
from rag.generators.base import Passage

MOST_WORDS = 80
"""The longest answer, and so the longest piece."""
CUT = "…"
_HEADING_WORDS = 16
_SMALL_TABLE = 50
"""Words of one that is quoted whole: of a larger one the rows that answer."""

Kind = Literal["sentence", "list", "item", "table", "row", "code"]
_Line = Literal["prose", "list", "table", "code", "blank"]

_ITEM = re.compile(ITEM)
_NUMBERED = re.compile(r"\s*\(?\d{1,3}[.)]\s")
_ROW = re.compile(r"\s*\|")
_RULE = re.compile(r"\s*\|[\s|:-]+$")
_INDENTED = re.compile(r"\s{3}|\t")
_CODE = re.compile(r"\s*(?:\$ |>>>|#!|[{}<])")
_PERHAPS_CODE = re.compile(
    r"[\w.]+\([^()]*\)[;,:]?$|[\w.\[\]\"']+\s?=\s?\S+$|(?:\S+ ){0,7}\S*[;{}\\]$|//|/\*|--\w|@\w+$|"
    r"(?:curl|sudo|pip|npm|git|docker|make|import|from|def|class|return|SELECT|INSERT|UPDATE|GET|POST|PUT|PATCH|DELETE)\s\S"
)
"""Where a block begins. Within prose a line may begin with any word."""
_WORD = re.compile(r"[(\"'“‘«]?[^\W\d_]+(?:[-'’][^\W\d_]+)*[\"'”’»)]?[,;:.!?)]*")
_STOP = re.compile(r"[.!?…。！？｡؟।॥:：][\"'”’»)\]」』]*$")


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence; a list, or an item of a long one; a table, or a row of a long one; code."""

    passage: Passage
    block: int
    """Pieces of one block stand together: they are joined by what the block's kind asks for, and share their lead."""
    kind: Kind
    text: str
    """As it stands in the passage; the white space of sentences is made plain."""
    lead: str = ""
    """The line that introduces a list, a table or code; it must come first."""
    head: str = ""
    """Of a table: its first two lines."""
    heading: str = ""
    """The nearest heading above it, or the title."""
    opens: bool = False
    """Nothing stands between it and its heading."""
    more: bool = False
    """Something was cut off."""

    @property
    def words(self) -> int:
        return count(self.text)

    @property
    def lead_words(self) -> int:
        """Of what must come first."""
        return count(self.lead) + count(self.head)


def pieces(passage: Passage) -> list[Piece]:
    """In their order. Headings are none: they are what the pieces below them stand under."""
    headings = {_plain(part) for part in passage.heading.split(" > ")} | {_plain(passage.title)}
    found: list[Piece] = []
    heading, lead, opens = passage.heading.split(" > ")[-1] or passage.title, "", True
    blocks = list(_blocks(passage.text))
    for number, (kind, lines) in enumerate(blocks):
        last = number + 1 == len(blocks)
        if kind == "prose" and _is_heading(lines, headings, last=last):
            heading, lead, opens = " ".join(" ".join(lines).split()), "", True
            continue
        if lead and kind == "prose" and not _STOP.search(lines[-1]):
            kind = "code"  # what is introduced and is no sentence: a command, a line of a file
        parts, own = list(_parts(kind, lines, MOST_WORDS - count(lead))), lead
        introduces = kind == "prose" and not last and _introduces(parts[-1][1], blocks[number + 1][0])
        lead = parts.pop()[1] if introduces else ""
        for part_kind, text, head, more in parts:
            found.append(Piece(passage, number, part_kind, text, own, head, heading, opens, more))
            opens, own = False, "" if kind == "prose" else own
    return found


def _plain(text: str) -> str:
    return " ".join(text.split()).lstrip("# ").casefold()


def _is_heading(lines: list[str], headings: set[str], *, last: bool) -> bool:
    text = " ".join(lines)
    if _plain(text) in headings:
        return True
    if len(lines) > 1 or last or count(text) > _HEADING_WORDS:
        return False
    # A line by itself that is no sentence, or a question by itself, with something below it.
    return not _STOP.search(text) or (text.endswith(("?", "？", "؟")) and len(sentences(text)) == 1)


def _introduces(text: str, following: _Line) -> bool:
    return text.endswith((":", "：")) or (following == "code" and not _STOP.search(text))


def _blocks(text: str) -> Iterator[tuple[_Line, list[str]]]:
    """Runs of lines of one kind; a blank line ends prose, and a list or code only if another kind follows."""
    run: list[str] = []
    kind: _Line = "blank"
    gap = False
    for line in text.split("\n"):
        if not line.strip():
            gap = True
            continue
        found = _kind(line, kind, gap=gap)
        if run and (found != kind or (gap and kind in ("prose", "table"))):
            yield _checked(kind, run)
            run = []
        elif run and gap and kind == "code":
            run.append("")
        run.append(line)
        kind, gap = found, False
    if run:
        yield _checked(kind, run)


def _kind(line: str, before: _Line, *, gap: bool) -> _Line:
    if _ROW.match(line):
        return "table"
    if _ITEM.match(line):
        return "list"
    if before == "list" and (line[0].isspace() or not gap):
        return "list"  # the item goes on
    if _INDENTED.match(line) or _CODE.match(line) or (before == "code" and not gap):
        return "code"
    begins = gap or before != "prose"
    return "code" if begins and _PERHAPS_CODE.match(line) else "prose"


def _checked(kind: _Line, run: list[str]) -> tuple[_Line, list[str]]:
    """Code that reads like sentences is prose, whatever its lines begin with."""
    words = " ".join(run).split()
    like_prose = sum(bool(_WORD.fullmatch(word)) for word in words) > 0.8 * len(words)
    return ("prose", run) if kind == "code" and like_prose and _STOP.search(run[-1]) else (kind, run)


_Part = tuple[Kind, str, str, bool]
"""Kind, text, head, whether something was cut off."""


def _parts(kind: _Line, lines: list[str], room: int) -> Iterator[_Part]:
    match kind:
        case "list":
            yield from _list_parts(lines, room)
        case "table":
            yield from _row_parts(lines, room)
        case "code":
            kept = list(_fitting(lines, room))
            yield "code", "\n".join(kept), "", len(kept) < len(lines)
        case _:
            text = "\n".join(lines)
            for start, end in sentences(text):
                whole = " ".join(text[start:end].split())
                kept_text = cut(whole, MOST_WORDS)
                yield "sentence", kept_text, "", len(kept_text) < len(whole)


def _list_parts(lines: list[str], room: int) -> Iterator[_Part]:
    items = [
        "\n".join(line for _, line in run)
        for _, run in groupby(_numbered_by_item(lines), key=lambda numbered: numbered[0])
    ]
    if sum(map(count, items)) <= room:
        yield "list", "\n".join(items), "", False
    elif _NUMBERED.match(lines[0]) and (kept := list(_fitting(items, room))):
        yield "list", "\n".join(kept), "", True  # steps make sense from the first one on only
    else:
        for item in items:
            kept_text = cut(item, room)
            yield "item", kept_text, "", len(kept_text) < len(item)


def _numbered_by_item(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    number = 0
    for line in lines:
        # Nested items belong to the item above them.
        number += bool(_ITEM.match(line)) and not line[0].isspace()
        yield number, line


def _row_parts(lines: list[str], room: int) -> Iterator[_Part]:
    ruled = len(lines) > 2 and _RULE.match(lines[1])
    head = "\n".join(lines[:2]) if ruled else ""
    rows = lines[2:] if ruled else lines
    if sum(map(count, lines)) <= min(room, _SMALL_TABLE):
        yield "table", "\n".join(rows), head, False
        return
    for row in rows:
        if count(row) + count(head) <= room and not _RULE.match(row):
            yield "row", row, head, False


def _fitting(lines: Iterable[str], room: int) -> Iterator[str]:
    for line in lines:
        room -= count(line)
        if room < 0:
            return
        yield line
