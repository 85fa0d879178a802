"""What is done to documents: hand them in, take them through the pipeline, publish, withdraw.

Handing in only writes rows; a worker (rag/indexing.py) claims them by lease (documents/leases.py) and publishes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Max, ProtectedError
from django.utils import timezone

from documents import files
from documents.feed import announce, revision_lock
from documents.models import (
    PENDING_STATES,
    Category,
    Change,
    Chunk,
    Collection,
    Document,
    Job,
    Revision,
    State,
    Version,
    Visibility,
)
from users.models import User
from utils.errors import Conflict, InvalidInput

Row = TypeVar("Row", Version, Document)


@dataclass(frozen=True, slots=True)
class Submission:
    """One file to index. ``source_uri`` says which document it belongs to within the collection."""

    data: bytes
    file_name: str
    source_uri: str
    title: str = ""
    """Empty: the title that the file itself has."""
    category: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Submitted:
    job: Job
    documents: list[Document]
    """In the order of the submissions, those that had not changed included."""
    new: int
    """Versions made. 0: everything was known already."""


def collection_ensure(*, slug: str, name: str, visibility: Visibility) -> Collection:
    """The collection of this slug, made if there is none; the name and visibility that editors gave it stay."""
    return Collection.objects.get_or_create(slug=slug, defaults={"name": name, "visibility": visibility})[0]


def collection_default() -> Collection:
    """Where documents go when no collection is named."""
    return collection_ensure(slug="general", name="General", visibility=Visibility.PUBLIC)


def collection_create(*, name: str, slug: str, **fields: Any) -> Collection:
    try:
        with transaction.atomic():
            return Collection.objects.create(name=name, slug=slug, **fields)
    except IntegrityError:
        raise Conflict("There is a collection of this slug already.", code="slug_taken") from None


def collection_update(*, collection: Collection, **fields: Any) -> Collection:
    for name, value in fields.items():
        setattr(collection, name, value)
    collection.save()
    return collection


def collection_delete(*, collection: Collection) -> None:
    """Raises Conflict while it holds documents: they would go without their editor having named them."""
    try:
        collection.delete()
    except ProtectedError:
        raise Conflict(
            "The collection still holds documents, or a source fills it.", code="collection_not_empty"
        ) from None


def category_ensure(*, name: str) -> Category:
    """The category of this name, whatever its case, made if there is none."""
    return Category.objects.filter(name__iexact=name).first() or Category.objects.create(name=name)


def category_get(*, name: str) -> Category:
    """The category of this name. Raises InvalidInput where the editors have made none."""
    try:
        return Category.objects.get(name__iexact=name)
    except Category.DoesNotExist:
        raise InvalidInput(
            f"There is no category {name!r}.", errors={"category": ["There is no such category."]}
        ) from None


def documents_submit(
    *, submissions: Sequence[Submission], collection: Collection | None = None, author: User | None = None
) -> Submitted:
    """Make a version of each file that differs from what its document holds already, to be indexed by a worker."""
    collection = collection or collection_default()
    submissions = list({submission.source_uri: submission for submission in submissions}.values())
    categories = {name: category_get(name=name) for name in {s.category for s in submissions} if name}
    digests = [files.content_hash(submission.data) for submission in submissions]
    with transaction.atomic():
        # One submitter at a time: the same file twice makes one version. And no file is removed that is kept here.
        revision = revision_lock()
        names = [files.store(s.data, digest) for s, digest in zip(submissions, digests, strict=True)]
        job = Job.objects.create(created_by=author)
        known = _documents_by_source(collection, {submission.source_uri for submission in submissions})
        fresh: list[Document] = []
        for submission in submissions:
            if submission.source_uri not in known:
                known[submission.source_uri] = Document(
                    collection=collection,
                    category=categories.get(submission.category),
                    title=submission.title or submission.file_name,
                    source_uri=submission.source_uri,
                    metadata=dict(submission.metadata),
                    created_by=author,
                )
                fresh.append(known[submission.source_uri])
        Document.objects.bulk_create(fresh)
        latest = _latest_versions([document for document in known.values() if document not in fresh])
        versions: dict[str, Version] = {}
        for submission, digest, name in zip(submissions, digests, names, strict=True):
            document = known[submission.source_uri]
            before = latest.get(document.pk)
            if before and before.content_hash == digest and submission.title in ("", before.title):
                if before.state == State.FAILED:
                    _requeue(before)
                if before.state in PENDING_STATES:
                    versions[submission.source_uri] = before
                continue
            versions[submission.source_uri] = Version(
                document=document,
                number=before.number + 1 if before else 1,
                title=submission.title,
                file=name,
                file_name=submission.file_name,
                size=len(submission.data),
                content_hash=digest,
                note=submission.note,
                created_by=author,
            )
        Version.objects.bulk_create([version for version in versions.values() if version.pk is None])
        job.versions.add(*versions.values())
        changed = _describe(known, submissions, categories, revision)
    return Submitted(job, [known[s.source_uri] for s in submissions], len(versions.keys() | changed))


def _documents_by_source(collection: Collection, sources: set[str]) -> dict[str, Document]:
    found = (
        Document.objects.filter(collection=collection, source_uri__in=sources)
        .select_related("published")
        .defer("published__text")
    )
    return {document.source_uri: document for document in found}


def _latest_versions(documents: Iterable[Document]) -> dict[Any, Version]:
    newest = (
        Version.objects.filter(document__in=list(documents))
        .values("document")
        .annotate(last=Max("number"))
        .values_list("document", "last")
    )
    wanted = dict(newest)
    versions = Version.objects.filter(document__in=list(wanted)).defer("text").order_by("number")
    return {version.document_id: version for version in versions if version.number == wanted[version.document_id]}


def _requeue(version: Version) -> None:
    """Try again what has failed."""
    version.state, version.attempts, version.error_code, version.error_detail = State.QUEUED, 0, "", ""
    version.leased_until, version.leased_by = None, ""
    version.save(update_fields=["state", "attempts", "error_code", "error_detail", "leased_until", "leased_by"])


def _describe(
    known: Mapping[str, Document],
    submissions: Sequence[Submission],
    categories: Mapping[str, Category],
    revision: Revision,
) -> set[str]:
    """Give documents that are handed in again the category and metadata that come with them. Returns which changed."""
    moved, changed = [], set()
    for submission in submissions:
        document, category = known[submission.source_uri], categories.get(submission.category)
        if category and document.category_id != category.pk:
            document.category = category
            moved.append(document.pk)
            changed.add(submission.source_uri)
        if submission.metadata and document.metadata != submission.metadata:
            document.metadata = dict(submission.metadata)
            changed.add(submission.source_uri)
    _write([known[source] for source in changed], ["category", "metadata"])
    announce([(Change.Kind.PUBLISHED, version) for version in Version.objects.filter(published_in__in=moved)], revision)
    return changed


def versions_publish(*, chunks_by_version: Mapping[Version, Sequence[Chunk]], worker: str) -> int:
    """Make each version, with its text and chunks, the one that is answered from; all of them or none.

    A version whose document has published a newer one meanwhile is kept without being published; one that another
    worker has taken over is left alone. Returns the revision of the knowledge base afterwards.
    """
    now = timezone.now()
    with transaction.atomic():
        revision = revision_lock()
        held = set(
            Version.objects.filter(pk__in=[v.pk for v in chunks_by_version], leased_by=worker).values_list(
                "pk", flat=True
            )
        )
        versions = [version for version in chunks_by_version if version.pk in held]
        Chunk.objects.filter(version__in=versions).delete()
        Chunk.objects.bulk_create([c for v in versions for c in chunks_by_version[v]], batch_size=500)
        documents = {
            document.pk: document
            for document in Document.objects.filter(pk__in=[v.document_id for v in versions]).select_related(
                "published"
            )
        }
        changes: list[tuple[str, Version]] = []
        superseded: list[int] = []
        for version in versions:
            version.leased_until, version.leased_by = None, ""
            version.error_code = version.error_detail = ""
            document = documents[version.document_id]
            before = document.published
            if before and before.number > version.number:
                version.state = State.SUPERSEDED
                continue
            version.state, version.published_at = State.PUBLISHED, now
            changes.append((Change.Kind.PUBLISHED, version))
            if before and before.pk != version.pk:
                superseded.append(before.pk)
                changes.append((Change.Kind.WITHDRAWN, before))
            document.published, document.title, document.updated_at = version, version.title, now
        _write(
            versions,
            ["text", "title", "state", "error_code", "error_detail", "published_at", "leased_until", "leased_by"],
        )
        Version.objects.filter(pk__in=superseded).update(state=State.SUPERSEDED)
        _write(list(documents.values()), ["published", "title", "updated_at"])
        return announce(changes, revision)


def _write(rows: "Sequence[Row]", fields: list[str]) -> None:
    """Update many rows at once. They must not be deleted meanwhile: the caller holds the revision's lock.

    An upsert, because Django's bulk_update takes ten times as long.
    """
    if rows:
        type(rows[0])._default_manager.bulk_create(
            rows, batch_size=200, update_conflicts=True, unique_fields=["id"], update_fields=fields
        )


def document_update(*, document: Document, **fields: Any) -> None:
    """Change what is said about a document: its collection, category or metadata; its content changes by a version.

    Raises Conflict where the collection holds a document of this source already.
    """
    try:
        with transaction.atomic():
            revision = revision_lock()
            Document.objects.filter(pk=document.pk).update(**fields, updated_at=timezone.now())
            published = Version.objects.filter(published_in=document.pk)
            announce([(Change.Kind.PUBLISHED, version) for version in published], revision)
    except IntegrityError:
        raise Conflict("The collection holds a document of this source already.", code="source_taken") from None


def document_delete(*, document: Document) -> None:
    """Remove a document with all its versions; from this moment no answer rests on it."""
    with transaction.atomic():
        revision = revision_lock()  # also keeps a worker from publishing into what is being deleted
        # Read again: a version may have been published since it was looked up.
        published = Version.objects.filter(published_in=document.pk)
        announce([(Change.Kind.WITHDRAWN, version) for version in published], revision)
        names = set(document.versions.values_list("file", flat=True))
        Document.objects.filter(pk=document.pk).update(published=None)
        document.delete()
        transaction.on_commit(lambda: _remove_files(names))


def _remove_files(names: set[str]) -> None:
    """Remove the files that no version has any more."""
    with transaction.atomic():
        revision_lock()  # nobody hands one of them in meanwhile
        _remove_unreferenced(names)


def _remove_unreferenced(names: set[str]) -> None:
    kept = set(Version.objects.filter(file__in=names).values_list("file", flat=True))
    for name in names - kept:
        files.remove(name)
