"""From places in a transcript's text to times, and back."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from documents.loaders.subtitles import Cue, paragraphs
from learning.models import Transcript

Row = tuple[int, int, int, int]
"""Start and end in milliseconds, first and last offset."""


def rows_of(cues: Sequence[Cue]) -> list[Row]:
    """Where each cue will lie in the text that documents/loaders/subtitles.py makes of them."""
    rows: list[Row] = []
    place = 0
    for part in paragraphs(cues):
        for cue in part:
            rows.append((cue.start, cue.end, place, place + len(cue.text)))
            place += len(cue.text) + 1
        place += 1  # the blank line between paragraphs is one character more than a space
    return rows


class Span(NamedTuple):
    """Seconds."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Segment:
    start: float
    """Seconds."""
    end: float
    text: str


class Timeline:
    """The segments of a transcript by their places in the text, in which they stand by the time they begin."""

    def __init__(self, rows: Sequence[Sequence[int]]) -> None:
        self._rows = rows
        self._lasts = [row[3] for row in rows]
        self._firsts = [row[2] for row in rows]
        self._starts = [row[0] for row in rows]

    def span(self, first: int, last: int) -> Span | None:
        """When a stretch of the text is said; None for one that no segment has."""
        rows = self._rows[bisect_right(self._lasts, first) : bisect_left(self._firsts, last)]
        return Span(rows[0][0] / 1000, max(row[1] for row in rows) / 1000) if rows else None

    def offsets(self, start: float, end: float) -> tuple[int, int] | None:
        """The stretch of the text that is said between two times, in seconds; None where nothing is said."""
        rows = self._rows[: bisect_left(self._starts, end * 1000)]
        rows = [row for row in rows if row[1] > start * 1000]
        return (rows[0][2], rows[-1][3]) if rows else None


def segments_of(transcript: Transcript, *, start: float = 0.0, end: float = float("inf")) -> list[Segment]:
    """The segments that are said, at least in part, between two times. The version must have its text."""
    text = transcript.version.text
    return [
        Segment(begins / 1000, ends / 1000, text[first:last])
        for begins, ends, first, last in transcript.segments
        if ends > start * 1000 and begins < end * 1000
    ]
