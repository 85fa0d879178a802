"""What is answered from: versions kept as drafts, published, rolled back, withdrawn.

Each of these is one transaction under the revision's lock. It takes the next revision and leaves a change for the
indexes, so a question meets the state before it or the state after it. While there are golden questions, whatever
would break one is not published (documents/gate.py).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils import timezone

from documents import files
from documents.feed import announce, announce_again, revision_lock
from documents.gate import Breakage, Preview, WouldBreakQuestions, gate
from documents.masking import document_moved
from documents.models import PENDING_STATES, Change, Chunk, Document, Question, Revision, State, Version
from documents.quarantine import Quarantined, in_quarantine, version_release
from documents.selectors import point
from documents.writing import write_rows
from users.audit import audit_record, audit_saved, state_of
from users.models import User
from utils.errors import Conflict

Changes = list[tuple[str, Version]]
_DOCUMENT = ("collection__slug", "category__name", "metadata")
_STANDING = ("state", "drafted", "published_at", "leased_until", "leased_by", "error_code", "error_detail")


class _Guarded(NamedTuple):
    revision: Revision
    broken: Sequence[Breakage]
    """What the change breaks all the same, because it was forced."""


@contextmanager
def _guarded(preview: Preview, *, force: bool = False) -> Iterator[_Guarded]:
    """A transaction that holds the revision's lock, for a change that breaks no golden question.

    The questions are asked before the lock is taken, and once more under it if the knowledge base has changed since.
    Raises WouldBreakQuestions.
    """
    seen = point().revision
    broken = _broken(preview)
    with transaction.atomic():
        revision = revision_lock()
        if revision.number != seen:
            broken = _broken(preview)
        if broken and not force:
            raise WouldBreakQuestions(broken)
        yield _Guarded(revision, broken)


def _broken(preview: Preview) -> Sequence[Breakage]:
    return gate().broken(preview) if Question.objects.exists() else []


def versions_complete(
    *, chunks_by_version: Mapping[Version, Sequence[Chunk]], worker: str, still: Callable[[], bool] = lambda: True
) -> bool:
    """Keep what was made of the versions and publish those that are to be published; all of them or none.

    The others stay drafts, and so does what would break a golden question, with that as its error. A version whose
    document has published a newer one meanwhile is put aside; one that another worker has taken over is left alone.
    Nothing is done, and False returned, unless ``still`` says under the revision's lock that it may be.
    """
    guarded = Question.objects.exists()
    done = _complete(chunks_by_version, worker, still, publish=not guarded)
    if done and guarded:
        _publish_in_parts([version for version in chunks_by_version if version.publish], worker)
    return done


def _complete(
    chunks_by_version: Mapping[Version, Sequence[Chunk]], worker: str, still: Callable[[], bool], *, publish: bool
) -> bool:
    with transaction.atomic():
        revision = revision_lock()
        if not still():
            return False
        versions = _held(chunks_by_version, worker)
        Chunk.objects.filter(version__in=versions).delete()
        Chunk.objects.bulk_create([c for v in versions for c in chunks_by_version[v]], batch_size=500)
        for version in versions:
            version.error_code = version.error_detail = ""
        at_once = [version for version in versions if version.publish and publish]
        drafts = [version for version in versions if version not in at_once]
        changes = [*_draft(drafts), *_publish(at_once)]
        write_rows(versions, ["text", "title", *_STANDING])
        announce(changes, revision)
        return True


def _held(versions: Iterable[Version], worker: str) -> list[Version]:
    """Those that the worker still holds, with what has been said of their publishing meanwhile."""
    rows = Version.objects.filter(pk__in=[version.pk for version in versions], leased_by=worker)
    publish = dict(rows.values_list("pk", "publish"))
    held = [version for version in versions if version.pk in publish]
    for version in held:
        version.publish = publish[version.pk]
    return held


def _publish_in_parts(versions: Sequence[Version], worker: str) -> None:
    """Publish what breaks nothing. Where a batch would break a question, each half of it is tried by itself."""
    if not versions:
        return
    try:
        with _guarded(_as_published(versions)) as guarded:
            held = _held(versions, worker)
            changes = _publish(held)
            Version.objects.bulk_update(held, _STANDING)
            announce(changes, guarded.revision)
    except WouldBreakQuestions as error:
        middle = len(versions) // 2
        if middle:
            _publish_in_parts(versions[:middle], worker)
            _publish_in_parts(versions[middle:], worker)
        else:
            refused = Version.objects.filter(pk=versions[0].pk, leased_by=worker)
            refused.update(
                state=State.DRAFT, leased_until=None, leased_by="", error_code=error.code, error_detail=error.detail
            )


def _as_published(versions: Iterable[Version]) -> Preview:
    return {version.document_id: version.number for version in versions}


# These change rows in memory and return the changes to announce; the caller writes the versions.


def _draft(versions: Sequence[Version]) -> Changes:
    """What is still to be published stays in its worker's hands."""
    for version in versions:
        version.drafted = True
        if not version.publish:
            _end(version, State.DRAFT)
    return [*_withdraw_drafts(versions), *((Change.Kind.DRAFTED, version) for version in versions)]


def _publish(versions: Sequence[Version], *, older_too: bool = False) -> Changes:
    now = timezone.now()
    documents = {
        document.pk: document
        for document in Document.objects.filter(pk__in=[version.document_id for version in versions])
        .select_related("published")
        .defer("published__text")
    }
    changes: Changes = []
    published: list[Version] = []
    for version in versions:
        document = documents[version.document_id]
        before = document.published
        was_drafted, version.drafted = version.drafted, False
        if before and before.number > version.number and not older_too:
            _end(version, State.SUPERSEDED)
            changes += [(Change.Kind.WITHDRAWN, version)] if was_drafted else []
            continue
        _end(version, State.PUBLISHED)
        version.published_at = now
        version.error_code = version.error_detail = ""
        published.append(version)
        changes.append((Change.Kind.PUBLISHED, version))
        if before and before.pk != version.pk:
            Version.objects.filter(pk=before.pk).update(state=State.SUPERSEDED)
            changes.append((Change.Kind.WITHDRAWN, before))
        document.published, document.title, document.updated_at = version, version.title, now
    write_rows(list(documents.values()), ["published", "title", "updated_at"])
    return [*changes, *_withdraw_drafts(published)]


def _end(version: Version, state: State) -> None:
    version.state, version.leased_until, version.leased_by = state, None, ""


def _withdraw_drafts(versions: Iterable[Version]) -> Changes:
    """Drafts that are older than these versions of their documents are put aside."""
    newest = _as_published(versions)
    drafts = Version.objects.filter(document__in=list(newest), drafted=True).defer("text")
    older = [draft for draft in drafts if draft.number < (newest[draft.document_id] or 0)]
    rows = Version.objects.filter(pk__in=[draft.pk for draft in older])
    rows.filter(state=State.DRAFT).update(state=State.SUPERSEDED)
    rows.update(drafted=False)
    return [(Change.Kind.WITHDRAWN, draft) for draft in older]


def version_publish(*, version: Version, author: User, force: bool = False, release: bool = False) -> Version:
    """Answer from this version from now on, be it a draft or an older one (a rollback).

    One that is still being indexed is published when that is done, and so is one that is in quarantine and to be
    released. Raises Quarantined unless ``release``, WouldBreakQuestions unless ``force``, Conflict for a version that
    could not be indexed.
    """
    if in_quarantine(version):
        if not release:
            raise Quarantined(version)
        return version_release(version=version, author=author)
    if version.state == State.FAILED:
        raise Conflict("This version could not be indexed.", code="not_indexed")
    waits = Version.objects.filter(pk=version.pk, state__in=PENDING_STATES).update(publish=True)
    if not waits and not Document.objects.filter(published=version).exists():
        with _prepared(version), _guarded(_as_published([version]), force=force) as (revision, broken):
            version = Version.objects.get(pk=version.pk)
            announce(_publish([version], older_too=True), revision)
            version.save(update_fields=_STANDING)
            _audit(author, "version.publish", version.document_id, broken, version=version.number)
    return Version.objects.defer("text").get(pk=version.pk)


def _prepared(version: Version) -> AbstractContextManager[object]:
    """All that a search needs of the version, and while there are golden questions the version in the indexes."""
    if Question.objects.exists():
        return version_at_hand(version=version)
    gate().prepare(version)
    return nullcontext()


@contextmanager
def version_at_hand(*, version: Version) -> Iterator[Preview]:
    """Have an indexed version in the indexes, so that it can be searched as if it were published.

    Yields the preview to search with. An older version is there as a draft meanwhile.
    """
    if not Document.objects.filter(published=version).exists():
        gate().prepare(version)
        if not version.drafted:
            with _drafted_meanwhile(version):
                yield _as_published([version])
            return
    yield _as_published([version])


@contextmanager
def _drafted_meanwhile(version: Version) -> Iterator[None]:
    _set_drafted(version, Change.Kind.DRAFTED)
    try:
        yield
    finally:
        _set_drafted(version, Change.Kind.WITHDRAWN)


def _set_drafted(version: Version, kind: Change.Kind) -> None:
    """Unless it has been published meanwhile."""
    drafted = kind == Change.Kind.DRAFTED
    with transaction.atomic():
        revision = revision_lock()
        if (
            Version.objects.filter(pk=version.pk, drafted=not drafted)
            .exclude(state=State.PUBLISHED)
            .update(drafted=drafted)
        ):
            announce([(kind, version)], revision)


def version_discard(*, version: Version, author: User) -> None:
    """Put a draft, or what is in quarantine, aside. It stays in the history and can still be published.

    Raises Conflict if it is neither.
    """
    with transaction.atomic():
        revision = revision_lock()
        rows = Version.objects.filter(pk=version.pk, state__in=[State.DRAFT, State.QUARANTINED])
        if not rows.update(state=State.SUPERSEDED, drafted=False):
            raise Conflict("Only a draft or a version in quarantine can be discarded.", code="not_a_draft")
        announce([(Change.Kind.WITHDRAWN, version)], revision)
        _audit(author, "version.discard", version.document_id, (), version=version.number)


def document_update(*, actor: User | None = None, document: Document, **fields: object) -> None:
    """Change what is said about a document: its collection, category or metadata; its content changes by a version.

    Raises Conflict where the collection holds a document of this source already.
    """
    try:
        with transaction.atomic():
            revision = revision_lock()
            before = state_of(document, _DOCUMENT)
            Document.objects.filter(pk=document.pk).update(**fields, updated_at=timezone.now())
            document_moved(document=document)
            announce_again([document.pk], revision)
            audit_saved(actor=actor, row=document, object_type="document", before=before, fields=_DOCUMENT)
    except IntegrityError:
        raise Conflict("The collection holds a document of this source already.", code="source_taken") from None


def document_delete(*, document: Document, author: User | None = None, force: bool = False) -> None:
    """Remove a document with all its versions; from this moment no answer rests on it.

    Raises WouldBreakQuestions unless ``force``.
    """
    # The lock also keeps a worker from publishing into what is being deleted.
    with _guarded({document.pk: None}, force=force) as (revision, broken):
        # Read again: a version may have been published since it was looked up.
        versions = Version.objects.filter(document=document.pk).defer("text")
        announced = [version for version in versions if version.drafted or version.state == State.PUBLISHED]
        announce([(Change.Kind.WITHDRAWN, version) for version in announced], revision)
        names = set(versions.values_list("file", flat=True))
        Document.objects.filter(pk=document.pk).update(published=None)
        document.delete()
        _audit(author, "document.delete", document.pk, broken, title=document.title)
        transaction.on_commit(lambda: _remove_files(names))


def _audit(author: User | None, action: str, document: object, broken: Sequence[Breakage], **detail: object) -> None:
    forced = {"forced": [str(breakage.question.pk) for breakage in broken]} if broken else {}
    audit_record(actor=author, action=action, object_type="document", object_id=str(document), detail=detail | forced)


def _remove_files(names: set[str]) -> None:
    """Remove the files that no version has any more."""
    with transaction.atomic():
        revision_lock()  # nobody hands one of them in meanwhile
        kept = set(Version.objects.filter(file__in=names).values_list("file", flat=True))
        for name in names - kept:
            files.remove(name)
