"""What editors hand in: collections, categories, documents and new versions of them.

Handing in only writes rows; a worker (rag/indexing.py) claims them by lease (documents/leases.py), and what it makes
of them is published by documents/publishing.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, ProtectedError

from documents import files
from documents.feed import announce_again, revision_lock
from documents.loading import check
from documents.masking import masking_note
from documents.models import (
    PENDING_STATES,
    Category,
    Collection,
    Document,
    Invitation,
    Job,
    Question,
    Revision,
    State,
    Version,
    Visibility,
)
from documents.writing import write_rows
from users.audit import audit_record, audit_removal, audit_saved, state_of
from users.models import User
from utils.errors import Conflict, InvalidInput

_COLLECTION = ("name", "slug", "visibility", "roles", "masking")
_QUESTION = ("text", "must_refuse", "asked_by")


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
    publish: bool = True
    """False: it stays a draft."""


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


def collection_create(*, actor: User | None = None, name: str, slug: str, **fields: Any) -> Collection:
    try:
        with transaction.atomic():
            collection = Collection.objects.create(name=name, slug=slug, **fields)
            audit_saved(actor=actor, row=collection, object_type="collection", before={}, fields=_COLLECTION)
    except IntegrityError:
        raise Conflict("There is a collection of this slug already.", code="slug_taken") from None
    return collection


def collection_update(*, actor: User | None = None, collection: Collection, **fields: Any) -> Collection:
    with transaction.atomic():
        before = state_of(collection, _COLLECTION)
        masking_note(collection=collection, masking=fields.get("masking", collection.masking))
        for name, value in fields.items():
            setattr(collection, name, value)
        collection.save()
        audit_saved(actor=actor, row=collection, object_type="collection", before=before, fields=_COLLECTION)
    return collection


def collection_delete(*, actor: User | None = None, collection: Collection) -> None:
    """Raises Conflict while it holds documents: they would go without their editor having named them."""
    try:
        with transaction.atomic():
            audit_removal(actor=actor, row=collection, object_type="collection", fields=_COLLECTION)
            collection.delete()
    except ProtectedError:
        raise Conflict(
            "The collection still holds documents, or a source fills it.", code="collection_not_empty"
        ) from None


@transaction.atomic
def invitation_give(*, collection: Collection, user: User, actor: User | None = None) -> None:
    """Let somebody see a collection of certain people. Again is no harm."""
    if Invitation.objects.get_or_create(collection=collection, user=user)[1]:
        _invitation_note("collection.invite", collection, user, actor)


@transaction.atomic
def invitation_withdraw(*, collection: Collection, user: User, actor: User | None = None) -> None:
    if Invitation.objects.filter(collection=collection, user=user).delete()[0]:
        _invitation_note("collection.uninvite", collection, user, actor)


@transaction.atomic
def invitations_set(*, collection: Collection, users: Iterable[User], actor: User | None = None) -> None:
    """Let these see a collection of certain people, and nobody else."""
    wanted = set(users)
    for left_out in User.objects.filter(pk__in=collection.invitations.values("user")).exclude(
        pk__in=[user.pk for user in wanted]
    ):
        invitation_withdraw(collection=collection, user=left_out, actor=actor)
    for user in wanted:
        invitation_give(collection=collection, user=user, actor=actor)


def _invitation_note(action: str, collection: Collection, user: User, actor: User | None) -> None:
    audit_record(
        actor=actor, action=action, object_type="collection", object_id=str(collection.pk), detail={}, subject=user
    )


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


def category_save(*, actor: User | None = None, category: Category, name: str) -> Category:
    """Make a category or give it another name. Raises Conflict where there is one of this name, whatever its case."""
    before = state_of(category, ["name"])
    category.name = name
    try:
        with transaction.atomic():
            category.save()
            audit_saved(actor=actor, row=category, object_type="category", before=before, fields=["name"])
    except IntegrityError:
        raise Conflict("There is a category of this name already.", code="category_taken") from None
    return category


def category_delete(*, actor: User | None = None, category: Category) -> None:
    """Raises Conflict while documents are of this category."""
    try:
        with transaction.atomic():
            audit_removal(actor=actor, row=category, object_type="category", fields=["name"])
            category.delete()
    except ProtectedError:
        raise Conflict("There are documents of this category still.", code="category_not_empty") from None


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
                if before.state == State.FAILED or (before.state == State.DRAFT and submission.publish):
                    _requeue(before, publish=submission.publish)
                if before.state in PENDING_STATES:
                    versions[submission.source_uri] = before
                    if submission.publish:
                        Version.objects.filter(pk=before.pk).update(publish=True)
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
                publish=submission.publish,
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


def _requeue(version: Version, *, publish: bool) -> None:
    """Take it through the pipeline again."""
    version.state, version.publish, version.attempts = State.QUEUED, publish, 0
    version.error_code, version.error_detail = "", ""
    version.leased_until, version.leased_by = None, ""
    version.save(
        update_fields=["state", "publish", "attempts", "error_code", "error_detail", "leased_until", "leased_by"]
    )


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
    write_rows([known[source] for source in changed], ["category", "metadata"])
    announce_again(moved, revision)
    return changed


def version_submit(
    *,
    document: Document,
    data: bytes,
    author: User,
    file_name: str = "",
    title: str = "",
    note: str = "",
    publish: bool = True,
) -> Version | None:
    """Make a new version of a document; None if the newest one is the same. Raises LoadError for no known type."""
    newest = document.versions.order_by("-number").first()
    name = file_name or (newest.file_name if newest else document.title)
    check(data, name)
    submission = Submission(data, name, document.source_uri, title=title, note=note, publish=publish)
    submitted = documents_submit(submissions=[submission], collection=document.collection, author=author)
    return submitted.job.versions.defer("text").first()


def question_save(
    *, actor: User | None = None, question: Question, documents: Sequence[Document] | None = None, **fields: Any
) -> Question:
    """Make or change a golden question. Raises Conflict where there is one of this text."""
    before = state_of(question, _QUESTION)
    for name, value in fields.items():
        setattr(question, name, value)
    try:
        with transaction.atomic():
            question.save()
            if documents is not None:
                question.documents.set(documents)
            audit_saved(actor=actor, row=question, object_type="question", before=before, fields=_QUESTION)
    except IntegrityError:
        raise Conflict("There is a golden question of this text already.", code="question_taken") from None
    return question


@transaction.atomic
def question_delete(*, actor: User | None = None, question: Question) -> None:
    audit_removal(actor=actor, row=question, object_type="question", fields=_QUESTION)
    question.delete()
