"""What was published once, and what has become of it."""

from collections.abc import Collection, Iterable
from typing import NamedTuple
from uuid import UUID

from documents.gate import Preview
from documents.models import Change, Chunk, Document, Version
from documents.selectors import versions_numbered


class Standing(NamedTuple):
    """Where a document is now."""

    collection_id: UUID
    published: int | None
    """The number of its published version."""


class Past(NamedTuple):
    """How a state of the knowledge base differs from that of now."""

    preview: Preview
    """Documents of which something was published or withdrawn since, with the version published then, if one was."""
    deleted: frozenset[UUID]
    """Those that are gone, with all their versions."""
    relabelled: frozenset[UUID]
    """Those that have the same version now: they were moved to another collection or category meanwhile, or back."""


def past(*, revision: int) -> Past:
    """The knowledge base at a revision, as far as it is not as it is now."""
    kinds = (Change.Kind.PUBLISHED, Change.Kind.WITHDRAWN)
    changes = Change.objects.filter(kind__in=kinds)
    since = changes.filter(revision__gt=revision)
    preview: dict[UUID, int | None] = dict.fromkeys(since.order_by().values_list("document", flat=True).distinct())
    before = changes.filter(revision__lte=revision, document__in=since.order_by().values("document"))
    for document, number, kind in before.order_by("revision", "id").values_list("document", "version", "kind"):
        if kind == Change.Kind.PUBLISHED:
            preview[document] = number
        elif preview[document] == number:
            preview[document] = None
    now = standings(document for document, number in preview.items() if number is not None)
    published = {document: number for document, number in preview.items() if number is not None}
    return Past(
        preview,
        frozenset(published.keys() - now.keys()),
        frozenset(key for key, number in published.items() if key in now and now[key].published == number),
    )


def chunks_unindexed(past: Past, *, most: int) -> list[str] | None:
    """Ids of the chunks that were answered from then and are in no index now; None if these are more than ``most``."""
    numbered = [(document, number) for document, number in past.preview.items() if number is not None]
    versions = Version.objects.filter(pk__in=versions_numbered(numbered), published_in=None, drafted=False)
    ids = list(Chunk.objects.filter(version__in=versions).order_by("id").values_list("id", flat=True)[: most + 1])
    return ids if len(ids) <= most else None


def standings(documents: Iterable[UUID]) -> dict[UUID, Standing]:
    """Of the documents that still exist."""
    rows = Document.objects.filter(pk__in=set(documents))
    found = rows.values_list("pk", "collection_id", "published__number")
    return {key: Standing(collection, number) for key, collection, number in found}


def texts_published(documents: Collection[UUID]) -> dict[UUID, str]:
    """The whole text of each document as it is published now. They may be large: ask for few at a time."""
    if not documents:
        return {}
    rows = Document.objects.filter(pk__in=documents, published__isnull=False)
    return dict(rows.values_list("pk", "published__text"))
