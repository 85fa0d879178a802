"""What has become of the passages that answers rest on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from typing import Literal
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from chat.models import Citation, Message
from documents.history import Standing, standings, texts_published
from documents.models import Document

State = Literal["current", "superseded", "withdrawn", "deleted"]
_BATCH = 500
"""Citations whose documents' texts are looked through at once."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What has become of a passage."""

    state: State
    """``withdrawn``: the document is still there, but nothing of it is published."""
    published: int | None
    """The version that is answered from now."""
    moved: bool
    """It is in another collection now."""
    same_text: bool | None
    """Whether the passage stands in that version word for word; None where there is none."""

    @property
    def changed(self) -> bool:
        return self.state != "current" or self.moved


@dataclass(frozen=True, slots=True)
class Quoted:
    """A passage as it was."""

    document: UUID
    version: int
    collection: UUID | None
    """None: not known."""
    text: str


@dataclass(frozen=True, slots=True)
class StaleAnswer:
    message: Message
    sources: Sequence[tuple[Citation, Fate]]
    """Those that have changed."""


def fates(passages: Sequence[Quoted]) -> list[Fate]:
    """Two queries, however many passages."""
    now = standings(passage.document for passage in passages)
    superseded = {
        passage.document
        for passage in passages
        if passage.document in now and now[passage.document].published not in (None, passage.version)
    }
    texts = texts_published(superseded)
    return [_fate(passage, now.get(passage.document), texts) for passage in passages]


def _fate(passage: Quoted, now: Standing | None, texts: Mapping[UUID, str]) -> Fate:
    if now is None:
        return Fate("deleted", None, moved=False, same_text=None)
    moved = passage.collection not in (None, now.collection_id)
    if now.published is None:
        return Fate("withdrawn", None, moved, same_text=None)
    if now.published == passage.version:
        return Fate("current", now.published, moved, same_text=True)
    return Fate("superseded", now.published, moved, same_text=passage.text in texts.get(passage.document, ""))


def answers_stale(*, since: datetime | None = None) -> Iterator[StaleAnswer]:
    """Answers of which a source has changed, the latest first. One query finds them all, two for each batch of 500 tell
    how."""
    citations = _changed(since).iterator(chunk_size=_BATCH)
    for message, rows in groupby(_with_fates(citations), key=lambda row: row[0].message):
        yield StaleAnswer(message, list(rows))


def _changed(since: datetime | None) -> QuerySet[Citation]:
    document = Document.objects.filter(pk=OuterRef("document_id"))
    citations = Citation.objects.filter(message__timestamp__gte=since) if since else Citation.objects.all()
    return (
        citations.annotate(
            published_now=Subquery(document.values("published__number")),
            collection_now=Subquery(document.values("collection_id")),
        )
        .filter(
            Q(published_now=None)
            | ~Q(published_now=F("version"))
            | Q(collection_id__isnull=False) & ~Q(collection_now=F("collection_id"))
        )
        .select_related("message__trace")
        .order_by("-message__timestamp", "message_id", "marker")
    )


def _with_fates(citations: Iterator[Citation]) -> Iterator[tuple[Citation, Fate]]:
    while batch := list(islice(citations, _BATCH)):
        yield from zip(batch, fates([quoted(citation) for citation in batch]), strict=True)


def quoted(citation: Citation) -> Quoted:
    return Quoted(citation.document_id, citation.version, citation.collection_id, citation.text)
