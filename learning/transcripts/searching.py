"""Where in a video something is said."""

from collections.abc import Sequence
from dataclasses import dataclass

from documents.sentences import sentences
from learning.models import Transcript
from learning.transcripts.timeline import Timeline
from rag.lexical.analysis import terms
from rag.retrieval import Scope, search

_CONSIDERED = 300
"""Passages of the course; those of the video are picked out of them."""


@dataclass(frozen=True, slots=True)
class Spoken:
    chunk_id: str
    text: str
    start: float
    end: float
    at: float
    char_start: int
    char_end: int
    score: float


def video_search(*, transcript: Transcript, query: str, top_k: int) -> list[Spoken]:
    """The passages of a published transcript that fit best, as the search of the knowledge base finds them."""
    document = transcript.version.document
    found = search(query=query, scope=Scope(frozenset([document.collection_id])), top_k=_CONSIDERED)
    timeline = Timeline(transcript.segments)
    wanted = set(terms(query))
    spoken: list[Spoken] = []
    for hit in found.hits:
        chunk = hit.chunk
        if chunk.version_id != transcript.version_id or len(spoken) == top_k:
            continue
        span = timeline.span(chunk.start, chunk.end)
        if span:
            first, last = _closest(chunk.text, wanted)
            best = timeline.span(chunk.start + first, chunk.start + last) or span
            place = (chunk.start, chunk.end)
            spoken.append(Spoken(chunk.pk, chunk.text, span.start, span.end, best.start, *place, round(hit.score, 4)))
    return spoken


def _closest(text: str, wanted: set[str]) -> tuple[int, int]:
    """The sentence with most of the words; the first of these."""
    spans: Sequence[tuple[int, int]] = sentences(text)
    return max(spans, key=lambda span: len(wanted.intersection(terms(text[span[0] : span[1]]))))
