"""Subtitles: SubRip (SRT) and WebVTT, and the one text that is made of them.

The text of a version is made here and nowhere else, so whoever knows the cues knows where each lies in it
(:func:`paragraphs`, and learning/transcripts/ for what is said when).
"""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from documents.blocks import Block, LoadedDocument, normalise
from documents.errors import BrokenFile
from documents.loaders.base import Loader
from documents.loaders.charset import decode

ARROW = "-->"
_CLOCK = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?"
_TIMES = re.compile(rf"\s*{_CLOCK}\s*-->\s*{_CLOCK}(?:\s.*)?")
_NUMBER = re.compile(r"\s*\d{1,9}\s*")
# Only what the formats know: a lecture on HTML may well say <html>.
_TAG = re.compile(r"</?(?:(?:i|b|u|s|c|v|ruby|rt|lang|font|span)(?:[.\s][^<>\n]{0,300})?|[\d:.]{3,20})>", re.IGNORECASE)
_OVERRIDE = re.compile(r"\{\\[^{}\n]{1,100}\}")
_STOP = re.compile(r"[.!?…。！？؟।][\"'”’»)\]」』]*$")
_PARAGRAPH_MS = 30_000
_PARAGRAPH_CHARACTERS = 900
_PAUSE_MS = 4_000


class Cue(NamedTuple):
    """What is said, in one line, from when to when in milliseconds."""

    start: int
    end: int
    text: str


def cues_read(source: str) -> list[Cue]:
    """The cues of a SubRip or WebVTT file by the time they begin; those without text are left out.

    Cues may overlap and stand in any order, and hours may be missing. A line that the cue before has said already, as
    captions that roll upwards repeat it, is said once. Raises BrokenFile, which names the line.
    """
    rolled = ""
    found: list[Cue] = []
    for start, end, lines in sorted(_cues(source), key=lambda cue: cue[:2]):
        said = [text for line in lines if (text := _plain(line))]
        new = said[1:] if said and said[0] == rolled else said
        rolled = said[-1] if said else ""
        if new:
            found.append(Cue(start, end, " ".join(new)))
    return found


def cues_write(cues: Iterable[Cue]) -> str:
    """As WebVTT. The same cues make the same file."""
    parts = ["WEBVTT\n"]
    for cue in cues:
        text = cue.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        parts.append(f"{_clock(cue.start)} {ARROW} {_clock(cue.end)}\n{text}\n")
    return "\n".join(parts)


def cue_text(text: str) -> str:
    """One line of clean text."""
    return " ".join(normalise(text).split())


def paragraphs(cues: Iterable[Cue]) -> Iterator[list[Cue]]:
    """Cues that belong together: they end with a sentence after half a minute, at a pause, or when they are many."""
    part: list[Cue] = []
    length = 0
    for cue in cues:
        if part and _ends(part, length, cue):
            yield part
            part, length = [], 0
        part.append(cue)
        length += len(cue.text) + 1
    if part:
        yield part


def _ends(part: Sequence[Cue], length: int, following: Cue) -> bool:
    if length >= 2 * _PARAGRAPH_CHARACTERS:
        return True
    long = part[-1].end - part[0].start >= _PARAGRAPH_MS or length >= _PARAGRAPH_CHARACTERS
    return (long or following.start - part[-1].end >= _PAUSE_MS) and bool(_STOP.search(part[-1].text))


class SubtitleLoader(Loader):
    def load(self, data: bytes, name: str) -> LoadedDocument:
        read = cues_read(decode(data))
        return LoadedDocument(
            "", tuple(Block("paragraph", " ".join(cue.text for cue in part)) for part in paragraphs(read))
        )


def _cues(source: str) -> Iterator[tuple[int, int, list[str]]]:
    lines = source.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    web = lines[0].startswith("WEBVTT")
    times: tuple[int, int] | None = None
    text: list[str] = []
    goes_on = False  # a cue ends at the next blank line in WebVTT, at the next times in SubRip
    count = 0
    for number, line in enumerate(lines, start=1):
        if ARROW in line and _says_times(line):
            if times:
                count += 1
                yield *times, text if web else _without_number(text, count + 1)
            times, text, goes_on = _read_times(line, number), [], True
        elif web and not line.strip():
            goes_on = False
        elif goes_on and (line or (text and text[-1])):  # of blank lines one
            text.append(line)
    if times is None:
        raise BrokenFile("There are no subtitles in the file: no line says from when to when.")
    yield *times, text


def _says_times(line: str) -> bool:
    before, arrow, _ = line.partition(ARROW)
    return bool(arrow) and ":" in before and len(before.split()) == 1


def _without_number(lines: list[str], number: int) -> list[str]:
    """Without the number of the cue that follows, which stands before its times."""
    while lines and not lines[-1].strip():
        lines.pop()
    if lines and _NUMBER.fullmatch(lines[-1]):
        alone = len(lines) == 1 or not lines[-2].strip()
        if alone or int(lines[-1]) == number:
            lines.pop()
    return lines


def _read_times(line: str, number: int) -> tuple[int, int]:
    found = _TIMES.fullmatch(line)
    if not found:
        raise BrokenFile(f"Line {number} says no times such as 00:01:02.500 --> 00:01:05.000.")
    start, end = _milliseconds(found.groups()[:4]), _milliseconds(found.groups()[4:])
    if end < start:
        raise BrokenFile(f"Line {number} ends before it begins.")
    return start, end


def _milliseconds(parts: Sequence[str | None]) -> int:
    hours, minutes, seconds, fraction = parts
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return whole * 1000 + int((fraction or "").ljust(3, "0"))


def _clock(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"


def _plain(line: str) -> str:
    return cue_text(html.unescape(_OVERRIDE.sub("", _TAG.sub("", line))))
