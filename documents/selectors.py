"""What may be read of the documents, and by whom."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum

from documents.gate import Preview
from documents.models import (
    Asker,
    Category,
    Change,
    Chunk,
    Collection,
    Document,
    Invitation,
    Job,
    Question,
    Revision,
    State,
    Version,
    Visibility,
    chunk_id,
)
from documents.visibility import Passage as Passage
from documents.visibility import chunks_visible as chunks_visible
from documents.visibility import passages_visible as passages_visible
from users.models import Role, User
from utils.errors import NotFound

Viewer: TypeAlias = User | AnonymousUser | str
"""An account; or a role, for whoever has it, as ``Asker`` names them."""


def collections_visible(viewer: Viewer) -> QuerySet[Collection]:
    """The collections that somebody may search: the public ones, the members', those of their role or that they are
    invited to.

    Editors and admins look after all of them, so they see all of them.
    """
    return Collection.objects.filter(pk__in=collection_ids_visible(viewer))


def collection_ids_visible(viewer: Viewer) -> frozenset[UUID]:
    """Asked before each question, so in one query."""
    role: str = viewer.role if isinstance(viewer, User) else viewer if isinstance(viewer, str) else Asker.VISITOR
    own = Invitation.objects.filter(collection=OuterRef("pk"), user=viewer if isinstance(viewer, User) else None)
    rows = Collection.objects.order_by().annotate(invited=Exists(own))
    return frozenset(
        key for key, *rules in rows.values_list("pk", "visibility", "roles", "invited") if _may_see(role, *rules)
    )


def _may_see(role: str, visibility: str, roles: Sequence[str], invited: bool) -> bool:
    if role in (Role.EDITOR, Role.ADMIN) or visibility == Visibility.PUBLIC:
        return True
    if role == Asker.VISITOR:
        return False
    if visibility == Visibility.INVITED:
        return invited
    return visibility == Visibility.MEMBERS or (visibility == Visibility.ROLES and role in roles)


def document_get(*, document_id: UUID) -> Document:
    """A document of any collection, for editors. Raises NotFound."""
    try:
        return documents_all().get(pk=document_id)
    except Document.DoesNotExist:
        raise NotFound("No document has this id.") from None


def documents_all() -> QuerySet[Document]:
    """Every document with the ``state`` of its newest version."""
    newest = Version.objects.filter(document=OuterRef("pk")).order_by("-number")
    return (
        Document.objects.select_related("collection", "category", "published")
        .defer("published__text")
        .annotate(state=Subquery(newest.values("state")[:1]))
        .order_by("title", "id")
    )


def documents_filtered(*, q: str = "", category: str = "", collection: str = "", state: str = "") -> QuerySet[Document]:
    """Documents that fit every condition that is given."""
    found = documents_all()
    if q := q.replace("\0", ""):
        found = found.filter(Q(title__icontains=q) | Q(source_uri__icontains=q))
    if category:
        found = found.filter(category__name__iexact=category)
    if collection:
        found = found.filter(collection__slug=collection)
    return found.filter(Q(state=state)) if state else found


def collection_get(*, slug: str) -> Collection:
    """Raises NotFound."""
    try:
        return Collection.objects.get(slug=slug)
    except Collection.DoesNotExist:
        raise NotFound("No collection has this name.") from None


def version_newest(*, document_id: UUID) -> Version:
    """The newest version of a document, whatever its state. Raises NotFound."""
    version = versions_of(document_id=document_id).order_by("-number").first()
    if version is None:
        raise NotFound("This document has no version.")
    return version


def versions_of(*, document_id: UUID) -> QuerySet[Version]:
    return document_get(document_id=document_id).versions.select_related("created_by").defer("text")


def version_get(*, document_id: UUID, number: int) -> Version:
    """Raises NotFound."""
    version = document_get(document_id=document_id).versions.filter(number=number).first()
    if version is None:
        raise NotFound("This document has no version of this number.")
    return version


def version_compared(*, document_id: UUID, number: int | None) -> Version | None:
    """The version of this number to compare with; the published one, if there is one, where none is given."""
    if number is not None:
        return version_get(document_id=document_id, number=number)
    return Version.objects.filter(published_in=document_id).first()


def drafts() -> Preview:
    """The knowledge base as it would be with every draft published."""
    rows = Version.objects.filter(state=State.DRAFT, drafted=True).order_by("number")
    return dict(rows.values_list("document", "number"))


def chunks_previewed(preview: Preview) -> dict[str, bytes | memoryview]:
    """The chunks of the versions in a preview by id, with the hash of what is embedded for each."""
    versions = versions_numbered((document, number) for document, number in preview.items() if number is not None)
    return dict(Chunk.objects.filter(version__in=versions).values_list("id", "embedding_hash"))


def questions_all() -> QuerySet[Question]:
    return Question.objects.prefetch_related("documents")


def questions_answerable(
    *, collections: Iterable[UUID], documents: Iterable[UUID] | None = None
) -> list[tuple[Question, list[UUID]]]:
    """Golden questions that published documents of these collections, and nothing else, must answer, with those.

    ``documents`` narrows them to questions that one of these must answer.
    """
    allowed = set(collections)
    found = questions_all().filter(must_refuse=False)
    found = (
        found.filter(documents__collection__in=allowed)
        if documents is None
        else found.filter(documents__in=list(documents))
    )
    return [
        (question, [document.pk for document in question.documents.all()])
        for question in found.distinct()
        if all(document.collection_id in allowed and document.published_id for document in question.documents.all())
    ]


def question_get(*, question_id: UUID) -> Question:
    """Raises NotFound."""
    try:
        return questions_all().get(pk=question_id)
    except Question.DoesNotExist:
        raise NotFound("No golden question has this id.") from None


def chunks_of(*, document_id: UUID, number: int | None = None) -> QuerySet[Chunk]:
    """The chunks of a version of a document in their order; of the published one where no number is given."""
    document = document_get(document_id=document_id)
    version = document.published if number is None else version_get(document_id=document_id, number=number)
    return Chunk.objects.filter(version=version).order_by("position")


def chunks_following(chunks: Iterable[Chunk]) -> dict[str, Chunk]:
    """The next chunk of the same version and section, by the id of the one before; none where the section ends."""
    before = {chunk_id(c.version.document_id, c.version.number, c.position + 1): c for c in chunks}
    found = Chunk.objects.in_bulk(list(before)) if before else {}
    return {before[pk].pk: chunk for pk, chunk in found.items() if chunk.heading == before[pk].heading}


def chunks_around(*, chunks: Iterable[Chunk], most: int) -> list[Chunk]:
    """The chunks of the same versions, at most so many before and after each, with their version; nearest first."""
    places: dict[int, list[int]] = {}
    for chunk in chunks:
        places.setdefault(chunk.version_id, []).append(chunk.position)
    near = Q(pk__in=[])
    for version, positions in places.items():
        near |= Q(version=version, position__range=(min(positions) - most, max(positions) + most))
    found = Chunk.objects.filter(near).select_related("version").defer("text", "version__text")
    far = {chunk: min(abs(chunk.position - place) for place in places[chunk.version_id]) for chunk in found}
    return sorted((chunk for chunk in found if 0 < far[chunk] <= most), key=lambda chunk: (far[chunk], chunk.pk))


def chunks_after(*, last: str, versions: Iterable[int] | None = None) -> QuerySet[Chunk]:
    """Chunks whose id comes after ``last``, in order of their ids, with what an index needs to know of them.

    Of these versions; None: of all published ones and drafts. Slice it: there may be millions.
    """
    chunks = (
        Chunk.objects.filter(Q(version__published_in__isnull=False) | Q(version__drafted=True))
        if versions is None
        else Chunk.objects.filter(version__in=list(versions))
    )
    return (
        chunks.filter(id__gt=last).order_by("id").select_related("version__document__collection").defer("version__text")
    )


def versions_numbered(pairs: Iterable[tuple[UUID, int]]) -> list[int]:
    """Keys of the versions with these (document, number) pairs, those that still exist."""
    wanted = set(pairs)
    rows = Version.objects.filter(document__in={document for document, _ in wanted})
    return [pk for pk, *pair in rows.values_list("pk", "document", "number") if tuple(pair) in wanted]


def categories_named(name: str) -> QuerySet[Category]:
    """The category of this name, whatever its case; none where there is none."""
    return Category.objects.filter(name__iexact=name)


def job_get(*, job_id: UUID) -> Job:
    try:
        return Job.objects.get(pk=job_id)
    except Job.DoesNotExist:
        raise NotFound("No job has this id.") from None


class Point(NamedTuple):
    """A state of the knowledge base. Numbers are compared within one lineage only."""

    lineage: str
    revision: int


def point() -> Point:
    """The present state."""
    row = Revision.objects.values_list("lineage", "number").first()
    return Point(row[0].hex, row[1]) if row else Point("none", 0)


def changes_between(*, after: int, to: int) -> list[Change]:
    """The changes of the revisions after one and up to another, in their order."""
    return list(Change.objects.filter(revision__gt=after, revision__lte=to))


def changes_weight(*, after: int, to: int) -> int:
    """How many chunks these changes are about."""
    changes = Change.objects.filter(revision__gt=after, revision__lte=to)
    return changes.aggregate(total=Sum("chunk_count", default=0))["total"] or 0


def states_count() -> dict[str, int]:
    """How many versions are in each state."""
    rows = Version.objects.values_list("state").annotate(Count("id"))
    return dict.fromkeys(State.values, 0) | dict(rows)
