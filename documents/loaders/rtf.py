"""Rich Text Format.

A file is groups in braces, control words and text. The reader below goes through it once, so that no file takes longer
than its length allows; it follows Microsoft's Rich Text Format Specification 1.9.1.
"""

import codecs
import re
from dataclasses import dataclass, replace

from documents.blocks import Block, LoadedDocument
from documents.errors import BrokenFile
from documents.loaders.base import Loader
from documents.loaders.flow import Flow
from documents.loaders.rtf_words import (
    CHARACTERS,
    CHARSETS,
    DEFAULTS,
    DESTINATIONS,
    PARAGRAPH_ENDS,
    READ_THOUGH_MARKED,
    SIGNS,
    UNREAD,
)

MAX_DEPTH = 2_000
"""Of groups within each other."""

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,9})?[ ]?|((?:\\'[0-9a-fA-F]{2})+)|\\(.)|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\", re.DOTALL
)
_HEADING = re.compile(r"heading (\d)")
_NUMBERED = re.compile(r"\W{0,2}\w{1,9}(?:\.\w{1,4})*[.)]?")


class RtfLoader(Loader):
    """Headings are told by their style or outline level. Hidden and deleted text, headers and footers are left out."""

    def load(self, data: bytes, name: str) -> LoadedDocument:
        reader = _Reader()
        blocks = reader.read(data[data.index(b"{") :])
        first = next((block.text for block in blocks if block.kind == "heading"), "")
        return LoadedDocument(reader.title.strip() or first, blocks)


@dataclass(frozen=True, slots=True)
class _Group:
    """What ends with the group."""

    unread: bool = False
    into: str = ""
    """What its text is, where it is not the document's own."""
    encoding: str = "cp1252"
    skipped: int = 1
    """Characters that stand after a Unicode one for programs that do not know it."""
    hidden: bool = False


@dataclass(slots=True)
class _Paragraph:
    level: int | None = None
    style: int = 0
    depth: int = 0
    in_table: bool = False


class _Reader:
    def __init__(self) -> None:
        self.title = ""
        self._group = _Group()
        self._outer: list[_Group] = []
        self._levels: dict[int, int] = {}
        self._fonts: dict[int, str] = {}
        self._default = "cp1252"
        self._first_font = self._font = self._style = self._skip = 0
        self._starred = False
        self._raw = bytearray()
        self._paragraph = _Paragraph()
        self._text: list[str] = []
        self._marker: list[str] = []
        self._flow = Flow()
        self._cells: list[str] = []
        self._continues: list[bool] = []
        self._continues_next = False
        self._boxes: list[tuple[int, _Paragraph, list[str]]] = []

    def read(self, data: bytes) -> tuple[Block, ...]:
        position = 0
        while match := _TOKEN.match(data, position):
            position = match.end()
            word, number, codes, sign, brace, text = match.groups()
            if text or codes:
                self._bytes(text or bytes.fromhex(codes.replace(b"\\'", b"").decode()))
                continue
            if self._raw:
                self._flush()
            if brace:
                self._brace(brace)
                if not self._outer:
                    break
            elif word == b"bin":
                position += max(int(number or 0), 0)
            else:
                self._control(word, number, sign)
        self._flush()
        if self._outer:
            raise BrokenFile("The file is incomplete: its end is missing.")
        self._end_paragraph()
        return self._flow.end()

    def _control(self, word: bytes | None, number: bytes | None, sign: bytes | None) -> None:
        if word == b"u" and number:  # most letters of a file in another script are written so
            self._write(chr(int(number) % 0x10000))
            self._skip = self._group.skipped
        elif word:
            self._word(word.decode().lower(), int(number) if number else None)
        elif sign:
            self._sign(sign)

    def _bytes(self, data: bytes) -> None:
        left_out = min(self._skip, len(data))
        self._skip -= left_out
        if not self._group.unread:
            self._raw += data[left_out:]

    def _flush(self) -> None:
        """Bytes are decoded together, because two of them may be one character."""
        text = self._raw.decode(self._group.encoding, "replace")
        self._raw.clear()
        self._write(text)

    def _write(self, text: str) -> None:
        if self._group.unread or self._group.hidden:
            return
        match self._group.into:
            case "" | "note":
                self._text.append(text)
            case "marker":
                self._marker.append(text)
            case "title":
                self.title += text
            case "stylesheet":
                name = text.strip(" ;").lower()
                if heading := _HEADING.match(name):
                    self._levels.setdefault(self._style, int(heading[1]))
                elif name == "title":
                    self._levels.setdefault(self._style, 1)

    def _brace(self, brace: bytes) -> None:
        self._starred, self._skip = False, 0
        if brace == b"{":
            if len(self._outer) > MAX_DEPTH:
                raise BrokenFile("The file is damaged: its groups are nested too deeply.")
            self._outer.append(self._group)
            self._style = 0
            return
        if self._group.into == "note" and self._outer[-1].into != "note":
            self._text = ["".join(self._text).rstrip() + "] "]
        self._group = self._outer.pop()
        if self._boxes and self._boxes[-1][0] > len(self._outer):
            self._end_paragraph()
            _, self._paragraph, self._text = self._boxes.pop()

    def _sign(self, sign: bytes) -> None:
        self._skip = 0
        if sign == b"*":
            self._starred = True
        elif sign in (b"\n", b"\r"):
            self._word("par", None)
        elif sign in SIGNS:
            self._write(SIGNS[sign])

    def _word(self, word: str, number: int | None) -> None:
        starred, self._starred, self._skip = self._starred, False, 0
        if self._group.unread:
            return
        if word in UNREAD or (starred and word not in READ_THOUGH_MARKED):
            self._group = replace(self._group, unread=True)
        elif word in CHARACTERS:
            self._write(CHARACTERS[word])
        elif word in DESTINATIONS:
            self._enter(DESTINATIONS[word])
        elif self._group.into in ("", "note") and word in PARAGRAPH_ENDS:
            self._end_paragraph()
        else:
            self._character(word, number)
            if self._group.into == "":
                self._layout(word, number or 0)
                self._table(word)
            elif self._group.into == "stylesheet":
                self._define_style(word, number or 0)

    def _enter(self, into: str) -> None:
        if into == "note":
            self._write(" [")
        if into == "box":
            self._boxes.append((len(self._outer), self._paragraph, self._text))
            self._paragraph, self._text = _Paragraph(), []
            into = ""
        self._group = replace(self._group, into=into)

    def _character(self, word: str, number: int | None) -> None:
        match word, number:
            case "deff", int():
                self._first_font = number
            case "uc", int():
                self._group = replace(self._group, skipped=max(number, 0))
            case "v" | "deleted", _:
                self._group = replace(self._group, hidden=number != 0)
            case "plain", _:
                self._group = replace(
                    self._group, hidden=False, encoding=self._fonts.get(self._first_font, self._default)
                )
            case "ansicpg" | "ansi" | "mac" | "pc" | "pca", _:
                self._default = _known(DEFAULTS.get(word) or f"cp{number}", self._default)
                self._group = replace(self._group, encoding=self._default)
            case "f" | "fcharset" | "cpg", int() if self._group.into == "fonts":
                self._define_font(word, number)
            case "f", int():
                self._group = replace(self._group, encoding=self._fonts.get(number, self._default))

    def _define_font(self, word: str, number: int) -> None:
        if word == "f":
            self._font = number
        else:
            encoding = f"cp{number}" if word == "cpg" else CHARSETS.get(number, self._default)
            self._fonts[self._font] = _known(encoding, self._default)

    def _define_style(self, word: str, number: int) -> None:
        if word == "s":
            self._style = number
        elif word == "outlinelevel" and number < 9:
            self._levels[self._style] = number + 1

    def _layout(self, word: str, number: int) -> None:
        match word:
            case "pard":
                self._paragraph = _Paragraph()
            case "s":
                self._paragraph.style = number
            case "outlinelevel":
                self._paragraph.level = (number + 1) % 10
            case "ilvl":
                self._paragraph.depth = number
            case "intbl":
                self._paragraph.in_table = True

    def _table(self, word: str) -> None:
        match word:
            case "trowd":
                self._continues = []
            case "clvmrg":
                self._continues_next = True
            case "cellx":
                self._continues.append(self._continues_next)
                self._continues_next = False
            case "cell":
                self._cells.append("".join(self._text))
                self._text, self._marker = [], []
            case "row":
                self._end_row()

    def _end_paragraph(self) -> None:
        if self._group.into == "note" or self._paragraph.in_table:
            self._text.append("\n")
            return
        text, marker = "".join(self._text), "".join(self._marker).strip()
        self._text, self._marker = [], []
        level = self._paragraph.level
        if level is None:
            level = self._levels.get(self._paragraph.style, 0)
        if level or not marker:
            self._flow.paragraph(text, level)
        else:
            is_number = marker.isascii() and _NUMBERED.fullmatch(marker)
            self._flow.item(text, marker if is_number else "-", self._paragraph.depth)

    def _end_row(self) -> None:
        """A cell that continues the one above it is empty in the file; here it says the same."""
        for column, (continues, above) in enumerate(zip(self._continues, self._flow.row_above, strict=False)):
            if continues and column < len(self._cells):
                self._cells[column] = above
        self._flow.row(self._cells)
        self._cells = []


def _known(encoding: str, otherwise: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        return otherwise
