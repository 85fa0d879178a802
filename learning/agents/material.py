"""What agents go by: parts of what is said in a video, with their times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from documents.loaders.subtitles import cue_text
from learning.agents.errors import NothingSaid
from learning.models import Transcript, Video
from learning.transcripts.timeline import Timeline, segments_of
from rag.generators.base import Passage

_BEFORE, _AFTER = 75.0, 15.0
"""Seconds around a moment: what was said just before is what somebody is stuck at."""
_ELSEWHERE = 60_000
"""Characters before and after a place, from which wrong options come."""


@dataclass(frozen=True, slots=True)
class Part:
    """Of a video."""

    text: str
    start: float | None
    """Seconds; None where that is not known."""
    end: float | None

    def told(self, video: Video) -> dict[str, Any]:
        """As a source of what an agent says."""
        return {"video_id": video.pk, "start": self.start, "end": self.end, "text": self.text}


def around(transcript: Transcript | None, at: float) -> Part | None:
    """What is said around a moment; what is said last before it where that is nothing."""
    if transcript is None:
        return None
    near = segments_of(transcript, start=max(0.0, at - _BEFORE), end=at + _AFTER)
    near = near or segments_of(transcript, end=at)[-12:] or segments_of(transcript)[:12]
    return Part(" ".join(one.text for one in near), near[0].start, near[-1].end) if near else None


def given(transcript: Transcript | None, segments: Sequence[Mapping[str, Any]]) -> list[Part]:
    """Parts as a client named them: by their words, by their times, or by both. Raises NothingSaid.

    Times that are missing are those at which the transcript says the words; words that are missing are what it says
    then.
    """
    parts = []
    for segment in segments:
        text, start, end = cue_text(segment.get("text") or ""), segment.get("start"), segment.get("end")
        if text and start is None:
            parts.append(_timed(transcript, text))
        elif text:
            parts.append(Part(text, start, end))
        elif transcript and start is not None:
            said = segments_of(transcript, start=start, end=start + 30.0 if end is None else end)
            if said:
                parts.append(Part(" ".join(one.text for one in said), said[0].start, said[-1].end))
    if not parts:
        raise NothingSaid(
            "Neither does the request say what is said there, nor does the video have a transcript of it."
        )
    return parts


def _timed(transcript: Transcript | None, text: str) -> Part:
    if transcript:
        spoken = transcript.version.text.replace("\n\n", "  ")  # as long as it was
        place = _find(spoken, text)
        span = Timeline(transcript.segments).span(*place) if place else None
        if span:
            return Part(text, span.start, span.end)
    return Part(text, None, None)


def _find(spoken: str, text: str) -> tuple[int, int] | None:
    """Where a text stands, though paragraphs may end in it: by its beginning and its end."""
    begins, ends = text[:60], text[-60:]
    first = spoken.find(begins)
    last = spoken.find(ends, max(0, first)) if first >= 0 else -1
    return (first, last + len(ends)) if 0 <= first <= last else None


def elsewhere(transcript: Transcript | None, parts: Sequence[Part]) -> list[str]:
    """What else is said in the video, near the parts if it is long, without them."""
    if transcript is None:
        return []
    text = transcript.version.text
    starts = [part.start for part in parts if part.start is not None]
    ends = [part.end for part in parts if part.end is not None]
    place = Timeline(transcript.segments).offsets(min(starts), max(ends)) if starts and ends else None
    first, last = place or (0, 0)
    said = {part.text for part in parts}
    around_it = [text[max(0, first - _ELSEWHERE) : first], text[last : last + _ELSEWHERE]]
    return [
        paragraph
        for stretch in around_it
        for paragraph in stretch.split("\n\n")
        if paragraph.strip() and paragraph not in said
    ]


def just_before(transcript: Transcript | None, part: Part) -> str:
    """What is said in the half minute before a part."""
    if transcript is None or part.start is None:
        return ""
    said = [one for one in segments_of(transcript, start=part.start - 30, end=part.start) if one.end <= part.start]
    return " ".join(one.text for one in said)


def passages(video: Video, parts: Sequence[Part]) -> list[Passage]:
    """As they are put to a model. What leaves is masked by the policy of the course's collection."""
    collection = video.topic.module.course.collection
    masking = collection.masking if collection else "all"
    return [
        Passage(number, video.title, _clock(part), part.text, 1.0, masking)
        for number, part in enumerate(parts, start=1)
    ]


def clock(seconds: float) -> str:
    """1:02:03, or 2:03."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"


def _clock(part: Part) -> str:
    return "" if part.start is None or part.end is None else f"{clock(part.start)} to {clock(part.end)}"
