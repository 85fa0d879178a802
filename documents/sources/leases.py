"""Who is at work on which source; as for versions (documents/leases.py), a lease ends by itself."""

import time
from collections.abc import Callable
from datetime import timedelta

from django.db.models import F, Q, QuerySet
from django.db.transaction import atomic
from django.utils import timezone

from documents.sources.models import Source, SourceKind, SourceState

LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 5
"""A source whose sync was begun this often and never ended takes its worker down: it fails instead."""


class Stopped(Exception):
    """The worker is told to stop."""


class LeaseLost(Exception):
    """The source is somebody else's by now, or deleted."""


class Hold:
    """A source that a worker holds for as long as it goes on saying so."""

    def __init__(self, source: Source, worker: str, stopped: Callable[[], bool]) -> None:
        self._source, self._worker, self._stopped = source, worker, stopped
        self._renewed = time.monotonic()

    def keep(self) -> None:
        """Called again and again while the work goes on. Raises Stopped or LeaseLost."""
        if self._stopped():
            raise Stopped
        if time.monotonic() - self._renewed > LEASE.total_seconds() / 4:
            self._renewed = time.monotonic()
            if not self._mine().update(leased_until=timezone.now() + LEASE):
                raise LeaseLost

    def assure(self) -> None:
        """Within a transaction: until it ends nobody else takes the source. Raises LeaseLost."""
        # Not the strictest lock: rows that point at the source may be written meanwhile.
        if not self._mine().select_for_update(no_key=True).exists():
            raise LeaseLost

    def _mine(self) -> QuerySet[Source]:
        return Source.objects.filter(pk=self._source.pk, leased_by=self._worker)


def source_claim(*, worker: str, only: Source | None = None) -> Source | None:
    """A source that is due and that nobody holds, held by ``worker`` now; with ``only`` that one, due or not."""
    now = timezone.now()
    free = Source.objects.filter(Q(leased_until=None) | Q(leased_until__lt=now)).exclude(kind=SourceKind.HOOK)
    due = Q(state__in=[SourceState.DUE, SourceState.SYNCING]) | Q(next_sync_at__lte=now)
    wanted = free.filter(pk=only.pk) if only else free.filter(due, enabled=True)
    with atomic():
        order = F("next_sync_at").asc(nulls_first=True)
        source = wanted.select_for_update(skip_locked=True, of=("self",)).order_by(order, "id").first()
        if source is None:
            return None
        if source.attempts >= MAX_ATTEMPTS:
            source_finish(source=source, code="worker_died", detail="Syncing stopped its worker several times.")
            return None
        source.state, source.leased_by, source.leased_until = SourceState.SYNCING, worker, now + LEASE
        source.attempts += 1
        source.save(update_fields=["state", "leased_by", "leased_until", "attempts"])
    return source


def source_finish(*, source: Source, code: str = "", detail: str = "") -> None:
    """A sync has come to its end, a good one or one for which ``code`` and ``detail`` are the reason."""
    now = timezone.now()
    source.refresh_from_db(fields=["interval"])  # an editor may have changed it meanwhile
    source.state = SourceState.FAILED if code else SourceState.IDLE
    source.error_code, source.error_detail = code, detail
    source.leased_by, source.leased_until, source.attempts, source.forced = "", None, 0, False
    source.last_synced_at = source.last_synced_at if code else now
    source.next_sync_at = now + timedelta(minutes=source.interval) if source.interval else None
    source.save(
        update_fields=[
            "state",
            "error_code",
            "error_detail",
            "leased_by",
            "leased_until",
            "attempts",
            "forced",
            "last_synced_at",
            "last_read_whole_at",
            "next_sync_at",
        ]
    )


def sources_release(*, worker: str, died: bool = False) -> None:
    """Give back what a worker holds; the sync is begun again. The attempt counts only if the worker ``died``."""
    Source.objects.filter(leased_by=worker).update(
        state=SourceState.DUE, leased_until=None, leased_by="", attempts=F("attempts") - (0 if died else 1)
    )
