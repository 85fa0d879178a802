"""The policy of a collection, and what its change leaves to be done: passages are embedded as the policy says.

A change is noted in the collection's row, for a worker (rag/privacy/reembedding.py). Prompts go by the new policy at
once.
"""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from documents.feed import announce_again, revision_lock
from documents.models import Chunk, Collection, Document, Version


def maskings_of(versions: Iterable[int]) -> dict[int, str]:
    """The policies that hold for these versions."""
    rows = Version.objects.filter(pk__in=list(versions))
    return dict(rows.values_list("pk", "document__collection__masking"))


def masking_note(*, collection: Collection, masking: str) -> None:
    """Called within the transaction that sets the policy. Under the lock, so that who publishes meanwhile sees it."""
    revision_lock()
    before = Collection.objects.filter(pk=collection.pk).values_list("masking", flat=True).first()
    if before is not None and before != masking:
        collection.masking_changed_at = timezone.now()


def document_moved(*, document: Document) -> None:
    """Its passages were embedded as another collection's policy said. The caller holds the revision's lock."""
    now = Document.objects.select_related("collection").get(pk=document.pk).collection
    if now.masking != document.collection.masking:
        Collection.objects.filter(pk=now.pk).update(masking_changed_at=timezone.now())


def collections_stale() -> QuerySet[Collection]:
    """Those in which passages may be embedded as another policy said."""
    return Collection.objects.exclude(masking_changed_at=None).order_by("pk")


def versions_indexed(*, collection: Collection) -> list[int]:
    """Keys of the versions of a collection that are in the indexes."""
    indexed = Q(published_in__isnull=False) | Q(drafted=True)
    return list(Version.objects.filter(indexed, document__collection=collection).values_list("pk", flat=True))


def collection_settle(*, collection: Collection) -> None:
    """What was to be done is done, unless there has been another change since ``collection`` was read."""
    rows = Collection.objects.filter(pk=collection.pk, masking_changed_at=collection.masking_changed_at)
    rows.update(masking_changed_at=None)


def chunks_rehash(*, hashes: Mapping[str, bytes], policies: Mapping[int, str]) -> bool:
    """Give chunks the hash of what is embedded for them now, and have the indexes renew them.

    False, and nothing is done, if the policy of a version is no longer that of ``policies``.
    """
    with transaction.atomic():
        revision = revision_lock()
        if maskings_of(policies) != policies:
            return False
        chunks = list(Chunk.objects.filter(pk__in=list(hashes)).select_related("version").defer("version__text"))
        for chunk in chunks:
            chunk.embedding_hash = hashes[chunk.pk]
        Chunk.objects.bulk_update(chunks, ["embedding_hash"], batch_size=500)
        announce_again({chunk.version.document_id for chunk in chunks}, revision)
    return True
