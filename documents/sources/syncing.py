"""Making the knowledge base say what a source says.

A worker claims a source by lease, lets its reader list the pages, and submits those that have changed; the workers that
index do the rest. What is taken in is kept as it is taken in, but what tells an unchanged page (``Mark``) only once the
whole listing is there: a sync that is killed anywhere is begun again and finds what the first one would have found.
Documents are removed only after a whole listing, too.
"""

import logging
import pkgutil
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

from django.db import Error, transaction
from django.utils import timezone

from documents.errors import LoadError
from documents.files import content_hash
from documents.gate import WouldBreakQuestions
from documents.loading import check
from documents.models import Source, SourceKind, SourcePage, SourceRun
from documents.sources.base import Changed, Failed, Mark, Page, Passed, Place, SourceReader, Unchanged
from documents.sources.errors import SourceError, TooManyRemoved
from documents.sources.leases import Hold, LeaseLost, Stopped, source_claim, source_finish, sources_release
from documents.sources.pages import page_retire, pages_take

logger = logging.getLogger(__name__)

# By name, so that a reader's libraries are loaded only where it is needed.
READERS = {
    SourceKind.FOLDER: "documents.sources.folder:FolderReader",
    SourceKind.WEBSITE: "documents.sources.website:WebsiteReader",
    SourceKind.GIT: "documents.sources.git:GitReader",
}
READ_WHOLE_EVERY = timedelta(days=7)
"""So often every page is read, whatever its marks say: servers and clocks err."""
KEPT_RUNS = 50
KEPT_FAILURES = 20
FEW_PAGES = 10
"""A source with fewer documents may lose more than half of them at once."""
_PART_PAGES, _PART_BYTES = 50, 8_000_000
"""What is submitted in one transaction."""
_BATCH = 500
MAX_URI = 500


def reader_of(kind: str) -> SourceReader:
    reader: SourceReader = pkgutil.resolve_name(READERS[SourceKind(kind)])()
    return reader


def place_of(source: Source) -> Place:
    return Place(str(source.pk), source.location, source.options)


def sources_sync_due(*, worker: str, stopped: Callable[[], bool] = lambda: False) -> bool:
    """Sync one source that is due. False: none is. ``stopped`` is asked again and again whether to leave off."""
    source = source_claim(worker=worker)
    if source is not None:
        source_sync(source=source, worker=worker, stopped=stopped)
    return source is not None


def source_sync(*, source: Source, worker: str, stopped: Callable[[], bool] = lambda: False) -> SourceRun:
    """Sync a source that the worker has claimed. How it ended is said by the run and the source; nothing is raised."""
    run = SourceRun(source=source, started_at=timezone.now())
    hold = Hold(source, worker, stopped)
    try:
        _begin(run, hold)
        _Sync(source, run, hold).sync()
        _end(run, source, hold)
    except SourceError as error:
        _end(run, source, hold, error.code, error.detail)
    except (Stopped, Error, KeyboardInterrupt) as reason:
        sources_release(worker=worker)
        if not isinstance(reason, Stopped):
            raise
    except LeaseLost:
        pass  # whoever has it now begins anew
    except Exception:
        logger.exception("Source %s cannot be synced", source.pk)
        _end(run, source, hold, "internal_error", "A fault in Grounded; it has been logged.")
    return run


@transaction.atomic
def _begin(run: SourceRun, hold: Hold) -> None:
    hold.assure()
    runs = run.source.runs
    runs.filter(ended_at=None).update(
        ended_at=run.started_at,
        error_code="interrupted",
        error_detail="The worker was stopped; the sync was begun again.",
    )
    runs.filter(pk__in=list(runs.values_list("pk", flat=True)[KEPT_RUNS - 1 :])).delete()
    run.save()


def _end(run: SourceRun, source: Source, hold: Hold, code: str = "", detail: str = "") -> None:
    try:
        with transaction.atomic():
            hold.assure()
            run.ended_at, run.error_code, run.error_detail = timezone.now(), code, detail
            run.save()
            source_finish(source=source, code=code, detail=detail)
    except LeaseLost:
        pass


class _Sync:
    def __init__(self, source: Source, run: SourceRun, hold: Hold) -> None:
        self._source, self._run, self._hold = source, run, hold
        self._rows = {row.uri: row for row in source.pages.all()}
        self._seen: set[str] = set()
        self._without: set[str] = set()
        """Seen, and to have no document."""
        self._marks: dict[str, Mark] = {}
        self._part: list[Changed] = []
        last = source.last_read_whole_at
        self._reads_whole = source.forced or last is None or last < run.started_at - READ_WHOLE_EVERY

    def sync(self) -> None:
        known = {
            uri: Mark() if self._reads_whole else Mark(row.fingerprint, row.etag, row.last_modified)
            for uri, row in self._rows.items()
            if not row.pushed
        }
        try:
            with closing(reader_of(self._source.kind).pages(place_of(self._source), known, self._hold.keep)) as pages:
                for page in pages:
                    self._hold.keep()
                    self._meet(page)
        except SourceError:
            self._submit()  # what was read is good
            raise
        self._submit()
        self._retire()
        self._remember()
        if self._reads_whole:
            self._source.last_read_whole_at = self._run.started_at

    def _meet(self, page: Page) -> None:
        if len(page.uri) > MAX_URI:
            self._fail(Failed(page.uri[:MAX_URI], "source_limit", "The address is too long."))
            return
        self._seen.add(page.uri)
        row = self._rows.get(page.uri)
        if row is None and isinstance(page, Failed):
            self._marks[page.uri] = Mark()  # known from now on, so that it is asked for again
        match page:
            case Unchanged() if row and not row.content_hash:
                self._run.skipped += 1
            case Unchanged() if row:
                self._run.unchanged += 1
            case Unchanged():
                self._fail(Failed(page.uri, "source_broken", "The site calls a page unchanged that it never gave."))
            case Passed():
                self._without.add(page.uri)
                self._marks[page.uri] = page.mark
                self._run.skipped += 1
            case Failed():
                self._fail(page)
            case Changed():
                self._take(page)

    def _fail(self, page: Failed) -> None:
        self._run.failed += 1
        if len(self._run.failures) < KEPT_FAILURES:
            self._run.failures.append({"uri": page.uri, "code": page.code, "detail": page.detail})

    def _take(self, page: Changed) -> None:
        row = self._rows.get(page.uri)
        if row and row.content_hash == content_hash(page.data):
            self._marks[page.uri] = page.mark
            self._run.unchanged += 1
            return
        try:
            check(page.data, page.file_name)
        except LoadError as error:
            if row and row.document_id:
                self._fail(Failed(page.uri, error.code, error.detail))
            else:
                self._marks[page.uri] = page.mark
                self._run.skipped += 1
            return
        self._part.append(page)
        if len(self._part) >= _PART_PAGES or sum(len(each.data) for each in self._part) >= _PART_BYTES:
            self._submit()

    def _submit(self) -> None:
        """Take a part in. Its pages have no marks yet: what they link to may not have been read."""
        part, self._part = self._part, []
        if not part:
            return
        with transaction.atomic():
            self._hold.assure()
            pages_take(source=self._source, pages=part)
            for page in part:
                row = self._rows.get(page.uri)
                if row and row.document_id:
                    self._run.changed += 1
                else:
                    self._run.added += 1
                self._marks[page.uri] = page.mark
            self._run.save()

    def _retire(self) -> None:
        with_document = [row for row in self._rows.values() if row.document_id and not row.pushed]
        gone = [row for row in with_document if row.uri not in self._seen or row.uri in self._without]
        if len(with_document) >= FEW_PAGES and len(gone) * 2 > len(with_document) and not self._source.forced:
            raise TooManyRemoved(
                f"{len(gone)} of {len(with_document)} documents would be removed. If that is right, sync by force."
            )
        for row in gone:
            self._hold.keep()
            try:
                with transaction.atomic():
                    self._hold.assure()
                    page_retire(page=row, forget=row.uri not in self._seen)
                    self._run.removed += 1
                    self._run.save()
            except WouldBreakQuestions as error:  # it stays until an editor has decided
                self._fail(Failed(row.uri, error.code, error.detail))
                self._run.save()
        without = [row.pk for row in self._rows.values() if not row.document_id and row.uri not in self._seen]
        for start in range(0, len(without), _BATCH):
            # Not what a hook has filled meanwhile.
            self._source.pages.filter(pk__in=without[start : start + _BATCH], document=None).delete()

    def _remember(self) -> None:
        """The listing is whole: from now on the marks hold."""
        now = timezone.now()
        with transaction.atomic():
            self._hold.assure()
            new = [uri for uri in self._marks if uri not in self._rows]
            SourcePage.objects.bulk_create(
                [SourcePage(source=self._source, uri=uri, seen_at=now) for uri in new],
                batch_size=_BATCH,
                ignore_conflicts=True,
            )
            marked = [row for row in self._source.pages.all() if row.uri in self._marks]
            for row in marked:
                mark = self._marks[row.uri]
                row.fingerprint, row.etag, row.last_modified = mark.fingerprint, mark.etag, mark.last_modified
            SourcePage.objects.bulk_update(marked, ["fingerprint", "etag", "last_modified"], batch_size=_BATCH)
            seen = list(self._seen)
            for start in range(0, len(seen), _BATCH):
                self._source.pages.filter(uri__in=seen[start : start + _BATCH]).update(seen_at=now, pushed=False)
