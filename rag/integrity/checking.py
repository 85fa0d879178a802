"""The whole check, part by part: documents, vectors, then each index, so that each rests on what was mended before."""

import logging
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils import timezone

from rag.boundaries import one_choice
from rag.errors import ProviderError
from rag.followers import followers
from rag.indexing import host
from rag.integrity.documents import chunks_check, files_check
from rag.integrity.findings import Finding, Kind, Tally
from rag.integrity.indexes import index_reconcile
from rag.integrity.vectors import vectors_check
from rag.models import IndexCheck

logger = logging.getLogger(__name__)
SETTLE = 10.0
"""Seconds after which a shared index is believed to answer from what was written to it."""
NIGHT = range(1, 5)
"""The hours, by the settings' time zone, in which a worker begins the daily check of its own indexes."""
_DAY = timedelta(hours=24)
_KEPT = timedelta(days=90)


class Part(NamedTuple):
    name: str
    local: bool
    """A part of this machine's own: every machine checks its own."""
    check: Callable[[Tally], None]


def index_check(*, repair: bool, settle: float = SETTLE) -> list[IndexCheck]:
    """Compare files, chunks, vectors and every index with each other, and mend what differs if ``repair``.

    Others may index, delete and ask meanwhile. A check that was stopped is begun again; what it has mended stays so.
    A service that does not answer is a fault of its part and raises nothing.
    """
    return _check(_parts(repair=repair, settle=settle), lambda part: None)


def shared_check(*, slot: datetime, stopped: Callable[[], bool]) -> list[IndexCheck]:
    """The daily check, with repairs, of what all machines share.

    Begun again for the same ``slot`` it leaves out the parts that have been checked for it.
    """
    claimed = IndexCheck.objects.filter(claim__startswith=f"{slot.isoformat()} ")
    claimed.filter(ended=None).delete()
    parts = (part for part in _parts(repair=True, settle=SETTLE) if not part.local and not stopped())
    return _check(parts, lambda part: f"{slot.isoformat()} {part.name}")


def nightly_check() -> list[IndexCheck]:
    """The daily check, with repairs, of this machine's own indexes, if it is night and nobody has made it.

    Called again and again by idle workers.
    """
    now = timezone.localtime()
    if now.hour not in NIGHT:
        return []
    by_hand = IndexCheck.objects.filter(claim=None, ended__gt=now - _DAY)
    tonight = IndexCheck.objects.filter(claim__startswith=f"{now:%Y-%m-%d} ", claim__endswith=f" {host()}")
    if by_hand.exists() or tonight.exists():
        return []
    parts = (part for part in _parts(repair=True, settle=SETTLE) if part.local)
    return _check(parts, lambda part: f"{now:%Y-%m-%d} {part.name} {host()}")


def _check(parts: Iterable[Part], claim: Callable[[Part], str | None]) -> list[IndexCheck]:
    run = uuid.uuid4()
    rows: list[IndexCheck] = []
    with one_choice():
        for part in parts:
            row = _begin(run, part, claim(part))
            if row:
                rows.append(_run(part, row))
    IndexCheck.objects.filter(started__lt=timezone.now() - _KEPT).delete()
    return rows


def _parts(*, repair: bool, settle: float) -> Iterator[Part]:
    yield Part("files", False, files_check)
    yield Part("passages", False, partial(chunks_check, repair=repair))
    yield Part("vectors", False, partial(vectors_check, repair=repair))
    for follower in followers():
        check = partial(index_reconcile, follower, repair=repair, settle=settle)
        yield Part(follower.name, not follower.shared, check)


def _begin(run: uuid.UUID, part: Part, claim: str | None) -> IndexCheck | None:
    """The row of the check; None if another process has the claim."""
    try:
        with transaction.atomic():
            return IndexCheck.objects.create(run=run, index=part.name, claim=claim)
    except IntegrityError:
        return None


def _run(part: Part, row: IndexCheck) -> IndexCheck:
    tally = Tally()
    try:
        part.check(tally)
    except ProviderError as error:
        tally.add(Finding(Kind.UNREACHABLE, part.name, error.detail), repaired=False)
    row.checked, row.counts, row.repaired, row.report = tally.checked, dict(tally.counts), tally.repaired, tally.report
    row.ended = timezone.now()
    row.save()
    if tally.faults:
        logger.warning("%s: %s; %s of them mended.", part.name, dict(tally.counts), tally.repaired)
    return row
