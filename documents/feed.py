"""The feed of changes that the indexes follow (rag/feed.py reads it)."""

import uuid
from collections.abc import Iterable, Sequence

from django.db import transaction

from documents.models import Change, Revision, Version


def revision_lock() -> Revision:
    """The revision, locked until the transaction ends. Whoever publishes, withdraws or deletes takes this first."""
    Revision.objects.get_or_create(pk=1)
    return Revision.objects.select_for_update().get(pk=1)


def announce(changes: Sequence[tuple[str, Version]], revision: Revision | None = None) -> int:
    """Put the changes into the feed under the next revision. Returns that revision."""
    revision = revision or revision_lock()
    if changes:
        revision.number += 1
        revision.save(update_fields=["number"])
        Change.objects.bulk_create(
            Change(
                revision=revision.number,
                kind=kind,
                document=version.document_id,
                version=version.number,
                chunk_count=version.chunk_count,
            )
            for kind, version in changes
        )
    return revision.number


def announce_again(documents: Iterable[uuid.UUID], revision: Revision) -> None:
    """What is published or drafted of these documents, once more: their collection or category has changed."""
    rows = Version.objects.defer("text").filter(document__in=list(documents))
    published = [(Change.Kind.PUBLISHED, version) for version in rows.filter(published_in__isnull=False)]
    announce([*published, *((Change.Kind.DRAFTED, version) for version in rows.filter(drafted=True))], revision)


def lineage() -> str:
    """Which database this is. A copy of a database has its lineage too, until :func:`lineage_renew`."""
    return Revision.objects.get_or_create(pk=1)[0].lineage.hex


def lineage_renew() -> None:
    """Make this database one of its own: indexes and namespaces of the one it was copied from are left alone."""
    with transaction.atomic():
        revision = revision_lock()
        revision.lineage = uuid.uuid4()
        revision.save(update_fields=["lineage"])
