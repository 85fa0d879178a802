"""What an answer was made of, its search done again as of then, and what has changed since; for editors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings

from chat.models import AnswerTrace, Citation, Message, Sender
from chat.staleness import Fate, Quoted, fates
from documents.models import Chunk
from rag.replaying import Note, search_again
from rag.retrieval import Hit, Scope
from utils.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class ReplayedPassage:
    """A passage that was considered then, with its scores of then and what has become of it."""

    traced: Mapping[str, Any]
    """As rag.tracing.TracedPassage."""
    chunk: Chunk | None
    """None where its document has been deleted."""
    citation: Citation | None
    """That of the answer, if it was cited."""
    fate: Fate
    place_again: int | None
    """Where the search found it when it was done again, from 1."""
    score_again: float | None


@dataclass(frozen=True, slots=True)
class Replay:
    message: Message
    trace: AnswerTrace
    passages: Sequence[ReplayedPassage]
    """Best first."""
    again: Sequence[Hit]
    """What the search finds when it is done again."""
    answerable_again: bool
    notes: Sequence[Note]
    settings_changed: Mapping[str, Mapping[str, Any]]
    """Name → ``then`` and ``now``."""

    @property
    def same(self) -> bool:
        """Whether the same passages come in the same order."""
        return [hit.chunk.pk for hit in self.again] == [passage.traced["chunk_id"] for passage in self.passages]

    @property
    def stale(self) -> bool:
        """Whether a source of the answer has changed since."""
        return any(passage.fate.changed for passage in self.passages if passage.citation)


def answer_replay(*, message_id: UUID) -> Replay:
    """Raises NotFound if no answer has this id, Conflict if it kept no trace."""
    message = (
        Message.objects.filter(pk=message_id, sender_type=Sender.BOT)
        .select_related("trace")
        .prefetch_related("citations")
        .first()
    )
    if message is None:
        raise NotFound("No answer has this id.")
    trace: AnswerTrace | None = getattr(message, "trace", None)
    if trace is None:
        detail = "This answer kept no trace: it failed, or was made before traces were kept."
        raise Conflict(detail, code="no_trace")
    search = trace.search
    categories = search["scope"]["categories"]
    again = search_again(
        query=search["question"],
        scope=Scope(
            frozenset(map(UUID, search["scope"]["collections"])), None if categories is None else frozenset(categories)
        ),
        revision=trace.revision,
        top_k=search["settings"]["top_k"],
        mode=search["mode"],
        space=search["settings"]["embedder"],
        considered=[passage["chunk_id"] for passage in trace.passages],
    )
    hits = again.found.hits
    return Replay(
        message,
        trace,
        _passages(message, trace, hits),
        hits,
        again.found.confidence >= search["settings"]["threshold"],
        again.notes,
        _settings_changed(search),
    )


def _passages(message: Message, trace: AnswerTrace, hits: Sequence[Hit]) -> list[ReplayedPassage]:
    rows = trace.passages
    chunks = Chunk.objects.select_related("version").defer("version__text").in_bulk([row["chunk_id"] for row in rows])
    cited = {citation.marker: citation for citation in message.citations.all()}
    citations = [cited.get(row["marker"]) if row["marker"] is not None else None for row in rows]
    quoted = [
        Quoted(
            UUID(row["document_id"]),
            row["version"],
            UUID(row["collection_id"]),
            chunks[row["chunk_id"]].text if row["chunk_id"] in chunks else citation.text if citation else "",
        )
        for row, citation in zip(rows, citations, strict=True)
    ]
    places = {hit.chunk.pk: (place, round(hit.score, 4)) for place, hit in enumerate(hits, start=1)}
    return [
        ReplayedPassage(row, chunks.get(row["chunk_id"]), citation, fate, *places.get(row["chunk_id"], (None, None)))
        for row, citation, fate in zip(rows, citations, fates(quoted), strict=True)
    ]


def _settings_changed(search: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    then = search["settings"]
    now = {
        "top_k": settings.RAG["TOP_K"],
        "threshold": settings.RAG["THRESHOLD"],
        "context_tokens": settings.RAG["CONTEXT_TOKENS"],
        "support_checker": settings.RAG["SUPPORT_CHECKER"],
        "unsupported": settings.RAG["UNSUPPORTED"],
    }
    return {
        name: {"then": then[name], "now": value} for name, value in now.items() if name in then and then[name] != value
    }
