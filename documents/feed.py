"""The feed of changes that the indexes follow (rag/feed.py reads it)."""

from collections.abc import Sequence

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
