"""Putting right what is derived within the documents themselves: text and chunks of a version (rag/integrity)."""

from collections.abc import Sequence

from django.db import transaction

from documents.feed import announce, revision_lock
from documents.models import Change, Chunk, Version


def chunk_texts_restore(*, chunks: Sequence[Chunk]) -> None:
    """Write the texts of these chunks; nothing else about them has changed."""
    with transaction.atomic():
        revision_lock()
        for chunk in chunks:
            Chunk.objects.filter(pk=chunk.pk).update(text=chunk.text)


def version_chunks_replace(*, version: Version, text: str, chunks: Sequence[Chunk]) -> None:
    """Give a version the text and chunks that its file has. A published one is announced, for indexes to renew it."""
    with transaction.atomic():
        revision = revision_lock()
        if not Version.objects.filter(pk=version.pk).update(text=text, chunk_count=len(chunks)):
            return  # deleted meanwhile
        Chunk.objects.filter(version=version).delete()
        Chunk.objects.bulk_create(chunks, batch_size=500)
        announce(
            [(Change.Kind.PUBLISHED, v) for v in Version.objects.filter(pk=version.pk, published_in__isnull=False)],
            revision,
        )
