"""The times of what is cited from a transcript (chat/places.py asks)."""

from collections.abc import Mapping, Sequence
from typing import Any

from learning.models import Transcript
from learning.transcripts.services import SOURCE
from learning.transcripts.timeline import Timeline
from rag.context import Source


def moments(sources: Sequence[Source]) -> list[Mapping[str, Any]]:
    """Of each source from a transcript its video, and from when to when in it, in seconds; of others nothing."""
    versions = {source.version.pk for source in sources if source.version.document.source_uri.startswith(SOURCE)}
    transcripts = Transcript.objects.filter(version__in=versions) if versions else ()
    by_version = {transcript.version_id: transcript for transcript in transcripts}
    return [_moment(source, by_version.get(source.version.pk)) for source in sources]


def _moment(source: Source, transcript: Transcript | None) -> Mapping[str, Any]:
    span = Timeline(transcript.segments).span(source.start, source.end) if transcript else None
    if transcript is None or span is None:
        return {}
    told = {"video_id": transcript.video_id, "start": span.start, "end": span.end}
    return told | {"estimated": True} if transcript.estimated else told
