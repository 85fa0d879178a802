"""Whatever a transcript comes as, to cues."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from documents.errors import EmptyFile, UnknownFileType
from documents.loaders.charset import decode
from documents.loaders.subtitles import Cue, cue_text, cues_read
from documents.reading import check
from documents.sentences import sentences
from learning.transcripts.serializers import SegmentsSerializer
from utils.errors import InvalidInput, TooLarge
from utils.parsers import storable
from utils.serializers import valid

LARGEST = 10_000_000
"""Bytes of a file."""
_WORDS_A_SECOND = 2.5
"""As people speak, where it is not known how long a video is."""
_WORDS_TOGETHER = 24
"""What is said without a full stop is cut into parts of so many words."""


class Said(NamedTuple):
    cues: Sequence[Cue]
    estimated: bool
    """There were no times: the words are spread evenly over the length of the video."""


def said_in_file(data: bytes, name: str, *, duration: int) -> Said:
    """``duration`` of the video in seconds, 0 where that is not known. Raises LoadError, TooLarge, ValidationError."""
    if len(data) > LARGEST:
        raise TooLarge(f"A transcript has at most {LARGEST // 1_000_000} MB.")
    match check(data, name):
        case "subtitles":
            return Said(_some(cues_read(decode(data))), estimated=False)
        case "json":
            return said_in_segments(_segments(decode(data)))
        case "text" | "markdown":
            return said_in_text(decode(data), duration=duration)
    raise UnknownFileType("A transcript is a file of subtitles (SRT, VTT), timed segments in JSON, or plain text.")


def said_in_segments(segments: Sequence[dict[str, Any]]) -> Said:
    """Of ``start`` and ``end`` in seconds and ``text`` each, in any order. Raises EmptyFile."""
    cues = [
        Cue(round(one["start"] * 1000), round(one["end"] * 1000), text)
        for one in segments
        if (text := cue_text(one["text"]))
    ]
    return Said(_some(sorted(cues)), estimated=False)


def said_in_text(text: str, *, duration: int) -> Said:
    """Subtitles if that is what the text is, else words without times. Raises LoadError."""
    if check(text.encode("utf-8", "replace"), "") == "subtitles":
        return Said(_some(cues_read(text)), estimated=False)
    parts = [part for first, last in sentences(text) for part in _short(cue_text(text[first:last]))]
    total = sum(map(len, parts))
    length = duration or sum(len(part.split()) for part in parts) / _WORDS_A_SECOND
    cues, before = [], 0
    for part in parts:
        after = before + len(part)
        cues.append(Cue(round(before / total * length * 1000), round(after / total * length * 1000), part))
        before = after
    return Said(_some(cues), estimated=True)


def _some(cues: Sequence[Cue]) -> Sequence[Cue]:
    if not cues:
        raise EmptyFile("There is no text in the transcript.")
    return cues


def _short(sentence: str) -> Iterator[str]:
    words = sentence.split()
    for first in range(0, len(words), _WORDS_TOGETHER):
        yield " ".join(words[first : first + _WORDS_TOGETHER])


def _segments(source: str) -> Sequence[dict[str, Any]]:
    try:
        read = json.loads(source)
        sane = storable(read)
    except (ValueError, RecursionError):
        raise InvalidInput("The file is no JSON.", errors={"file": ["The file is no JSON."]}) from None
    if not sane:
        raise InvalidInput("The file holds what cannot be kept.", errors={"file": ["Half characters, or no numbers."]})
    listed = read.get("segments") if isinstance(read, dict) else read
    segments: Sequence[dict[str, Any]] = valid(SegmentsSerializer(data={"segments": listed}))["segments"]
    return segments
