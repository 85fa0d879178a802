"""Taking a source's pages in, and giving them up; the same for a sync and for a hook."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from documents.files import content_hash
from documents.models import Document, Source, SourcePage
from documents.publishing import document_delete
from documents.services import Submission, documents_submit
from documents.sources.base import Changed


@transaction.atomic
def pages_take(*, source: Source, pages: Sequence[Changed], pushed: bool = False) -> dict[str, Document]:
    """Make a version of each page and remember what was taken in. Returns the documents by address.

    A document that is known stays in the collection and the category that an editor may have given it since.
    """
    rows = source.pages.filter(uri__in=[page.uri for page in pages], document__isnull=False)
    before = {row.uri: row.document for row in rows.select_related("document__collection") if row.document}
    parts: dict[UUID, list[Changed]] = {}
    homes = {source.collection_id: source.collection}
    for page in pages:
        home = before[page.uri].collection if page.uri in before else source.collection
        homes[home.pk] = home
        parts.setdefault(home.pk, []).append(page)
    category = source.category.name if source.category else ""
    found: dict[str, Document] = {}
    for key, part in parts.items():
        submissions = [
            Submission(
                data=page.data,
                file_name=page.file_name,
                source_uri=page.uri,
                title=page.title,
                category="" if page.uri in before else category,
            )
            for page in part
        ]
        submitted = documents_submit(submissions=submissions, collection=homes[key], author=source.created_by)
        found.update({document.source_uri: document for document in submitted.documents})
    SourcePage.objects.bulk_create(
        [
            SourcePage(
                source=source,
                uri=page.uri,
                document=found[page.uri],
                content_hash=content_hash(page.data),
                pushed=pushed,
                seen_at=timezone.now(),
            )
            for page in pages
        ],
        update_conflicts=True,
        unique_fields=["source", "uri"],
        # The marks are emptied: they are about what was there before.
        update_fields=["document", "content_hash", "fingerprint", "etag", "last_modified", "pushed", "seen_at"],
    )
    return found


@transaction.atomic
def page_retire(*, page: SourcePage, forget: bool = True) -> None:
    """Delete the document of a page, unless another source has it too; and the page, or its content alone."""
    document = Document.objects.filter(source_pages=page.pk).first()  # read again: it may be gone by now
    if document and not SourcePage.objects.filter(document=document).exclude(source=page.source_id).exists():
        document_delete(document=document)
    row = SourcePage.objects.filter(pk=page.pk)
    if forget:
        row.delete()
    else:
        row.update(document=None, content_hash="", fingerprint="", etag="", last_modified="")
