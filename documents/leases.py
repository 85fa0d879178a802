"""Who is at work on which version. A worker holds versions until its lease ends; then they are anybody's again."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil
from typing import Literal, NamedTuple

from django.db import transaction
from django.db.models import Count, F, Min, Q
from django.utils import timezone

from documents.models import PENDING_STATES, Source, State, Version

MAX_ATTEMPTS = 5
"""A version that was claimed this often and never finished takes its worker down: it fails instead."""
_SUSPECT = 2
_LEAST, _SHARES = 4, 8
"""A claim takes an eighth of what is left, but four versions at least."""


def versions_claim(*, worker: str, limit: int, lease: timedelta, most_bytes: int = 8_000_000) -> list[Version]:
    """Pending versions that nobody holds, oldest first, held by ``worker`` until the lease ends.

    At most ``limit``, no more than ``most_bytes`` of files unless the first alone is larger, and no more than a share
    of what is left, so that other workers have something to do to the end.
    """
    now = timezone.now()
    free = Version.objects.filter(Q(leased_until=None) | Q(leased_until__lt=now), state__in=PENDING_STATES)
    with transaction.atomic():
        free.filter(attempts__gte=MAX_ATTEMPTS).update(
            state=State.FAILED,
            error_code="worker_died",
            error_detail="Indexing this file stopped its worker several times.",
            leased_until=None,
            leased_by="",
        )
        limit = min(limit, max(_LEAST, ceil(free.count() / _SHARES)))
        rows = free.select_for_update(skip_locked=True, of=("self",)).order_by("id")
        chosen: list[int] = []
        total = 0
        for pk, size, attempts in rows.values_list("pk", "size", "attempts")[:limit]:
            # What may have killed its worker twice is tried by itself: it takes nothing else down with it.
            if chosen and (total + size > most_bytes or attempts >= _SUSPECT):
                break
            chosen.append(pk)
            total += size
            if attempts >= _SUSPECT:
                break
        Version.objects.filter(pk__in=chosen).update(
            leased_by=worker, leased_until=now + lease, attempts=F("attempts") + 1
        )
    return list(Version.objects.filter(pk__in=chosen).order_by("id"))


def versions_advance(*, versions: Iterable[Version], state: State, worker: str, lease: timedelta) -> None:
    """Say how far the worker is, and hold the versions for longer."""
    Version.objects.filter(pk__in=[version.pk for version in versions], leased_by=worker).update(
        state=state, leased_until=timezone.now() + lease
    )


def versions_count(*, versions: Iterable[Version], field: Literal["chunk_count", "embedded_count"]) -> None:
    """Say of how many chunks each version is, or how many of them have their vectors, so that progress can be told."""
    by_count: dict[int, list[int]] = {}
    for version in versions:
        by_count.setdefault(getattr(version, field), []).append(version.pk)
    for count, keys in by_count.items():
        Version.objects.filter(pk__in=keys).update(**{field: count})


def versions_release(*, worker: str, died: bool = False) -> None:
    """Give back what a worker holds, so that another need not wait for the lease to end.

    The attempt counts against the versions only if the worker ``died`` over them.
    """
    Version.objects.filter(leased_by=worker, state__in=PENDING_STATES).update(
        leased_until=None, leased_by="", attempts=F("attempts") - (0 if died else 1)
    )


def leases_held(*, host: str) -> set[str]:
    """The workers of a host that hold versions or sources."""
    versions = Version.objects.filter(leased_by__startswith=f"{host}:", state__in=PENDING_STATES)
    sources = Source.objects.filter(leased_by__startswith=f"{host}:")
    return {worker for held in (versions, sources) for worker in held.values_list("leased_by", flat=True).distinct()}


def version_fail(*, version: Version, worker: str, code: str, detail: str) -> None:
    """The version cannot be indexed. What is published stays as it was."""
    Version.objects.filter(pk=version.pk, leased_by=worker).update(
        state=State.FAILED, error_code=code, error_detail=detail, leased_until=None, leased_by=""
    )


class Pending(NamedTuple):
    """What waits to be indexed, or is being."""

    number: int
    oldest: datetime | None
    """When the oldest was handed in."""
    held: int
    """How many a worker has."""


def versions_pending() -> Pending:
    held = Q(leased_until__gt=timezone.now())
    found = Version.objects.filter(state__in=PENDING_STATES)
    told = found.aggregate(number=Count("pk"), oldest=Min("created_at"), held=Count("pk", filter=held))
    return Pending(**told)
