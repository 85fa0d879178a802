"""From hits to the numbered passages that a prompt carries."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from documents.models import Chunk, Version
from documents.selectors import chunks_following
from rag.generators.base import Passage
from rag.retrieval import Hit


@dataclass(frozen=True, slots=True)
class Source:
    """A stretch of a version's text: one hit, or several that touch one another, made one."""

    version: Version
    chunks: tuple[Chunk, ...]
    """In their order; the first is the one that is cited by id."""
    start: int
    end: int
    text: str
    score: float

    @property
    def chunk(self) -> Chunk:
        return self.chunks[0]


def assemble(hits: Sequence[Hit], *, budget: int) -> list[Source]:
    """Sources for the hits, best first, of at most ``budget`` tokens in all, the best one always among them.

    Neighbouring chunks of a version overlap; they become one stretch, so nothing is said twice. Where the budget has
    room left, a hit goes on with the next chunk of its section: an answer may be cut in two.
    """
    kept: list[Hit] = []
    left = budget
    for hit in hits:
        if not kept or hit.chunk.tokens <= left:
            kept.append(hit)
            left -= hit.chunk.tokens
    following = chunks_following([hit.chunk for hit in kept])
    there = {hit.chunk.pk for hit in kept}
    for hit in list(kept):
        more = following.get(hit.chunk.pk)
        if more and more.pk not in there and more.start <= hit.chunk.end and more.tokens <= left:
            kept.append(replace(hit, chunk=more))
            left -= more.tokens
    sources: list[Source] = []
    for hit in sorted(kept, key=lambda hit: (hit.chunk.version_id, hit.chunk.start)):
        last = sources[-1] if sources else None
        if last and last.version.pk == hit.chunk.version_id and hit.chunk.start <= last.end:
            sources[-1] = _joined(last, hit)
        else:
            chunk = hit.chunk
            sources.append(Source(chunk.version, (chunk,), chunk.start, chunk.end, chunk.text, hit.score))
    return sorted(sources, key=lambda source: -source.score)


def _joined(source: Source, hit: Hit) -> Source:
    chunk = hit.chunk
    return Source(
        source.version,
        (*source.chunks, chunk),
        source.start,
        max(source.end, chunk.end),
        source.text + chunk.text[source.end - chunk.start :],
        max(source.score, hit.score),
    )


def _masking(source: Source) -> str:
    return source.version.document.collection.masking


def passages(sources: Sequence[Source]) -> list[Passage]:
    return [
        Passage(marker, source.version.title, source.chunk.heading, source.text, source.score, _masking(source))
        for marker, source in enumerate(sources, start=1)
    ]
