"""What may be read of the documents, and by whom."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum

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
from users.models import Role, User
from utils.errors import NotFound


def collections_visible(asker: User | AnonymousUser) -> QuerySet[Collection]:
    """The collections that somebody may search: the public ones, the members', and those of their role.

    Editors and admins look after all of them, so they see all of them.
    """
    if not isinstance(asker, User):
        return Collection.objects.filter(visibility=Visibility.PUBLIC)
    if asker.role in (Role.EDITOR, Role.ADMIN):
        return Collection.objects.all()
    by_role = [c.pk for c in Collection.objects.filter(visibility=Visibility.ROLES) if asker.role in c.roles]
    return Collection.objects.filter(Q(visibility__in=[Visibility.PUBLIC, Visibility.MEMBERS]) | Q(pk__in=by_role))


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


def chunks_of(*, document_id: UUID) -> QuerySet[Chunk]:
    """The published chunks of a document in their order."""
    document = document_get(document_id=document_id)
    return Chunk.objects.filter(version=document.published).order_by("position")


def chunks_visible(*, ids: Iterable[str], collections: Iterable[UUID], revision: int) -> list[Chunk]:
    """Those of the chunks that were published at a revision and may be seen: whatever an index says is checked here.

    A document that has been deleted since is not there; one that has a newer version since is, as it was.
    """
    chunks = list(
        Chunk.objects.filter(id__in=list(ids), version__document__collection__in=list(collections))
        .select_related("version__document__collection", "version__document__category")
        .defer("version__text")
    )
    last = Change.objects.filter(document=OuterRef("document"), version=OuterRef("number"), revision__lte=revision)
    published = set(
        Version.objects.filter(pk__in={chunk.version_id for chunk in chunks})
        .annotate(change=Subquery(last.order_by("-revision", "-id").values("kind")[:1]))
        .filter(Q(change=Change.Kind.PUBLISHED))
        .values_list("pk", flat=True)
    )
    return [chunk for chunk in chunks if chunk.version_id in published]


def chunks_after(*, last: str, versions: Iterable[int] | None = None) -> QuerySet[Chunk]:
    """Chunks whose id comes after ``last``, in order of their ids, with what an index needs to know of them.

    Of these versions; None: of all published ones. Slice it: there may be millions.
    """
    chunks = (
        Chunk.objects.filter(version__published_in__isnull=False)
        if versions is None
        else Chunk.objects.filter(version__in=list(versions))
    )
    return chunks.filter(id__gt=last).order_by("id").select_related("version__document").defer("version__text")


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


def versions_pending() -> QuerySet[Version]:
    return Version.objects.filter(state__in=PENDING_STATES)


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
