"""Whether the product can serve, part by part. No service that costs money is asked for it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, models
from django.utils import timezone

from background_tasks.selectors import scheduler_known, scheduler_leads
from documents import selectors as documents
from documents.leases import versions_pending
from rag.boundaries import generator_chain
from rag.errors import ProviderError
from rag.followers import followers
from users import selectors as users
from utils.deadline import Asked
from utils.metrics import last_calls
from utils.reaching import reached


class Health(models.TextChoices):
    OK = "ok"
    DEGRADED = "degraded", "Made up for by something else, or behind"
    UNAVAILABLE = "unavailable", "Nothing can be served"


_SECONDS, _KEPT = 0.8, 1.0
_RECENT = 300.0
"""Seconds for which a failed call says something of a provider."""
_PATIENCE = timedelta(minutes=10)
_CHANGE_OF_LEADER = timedelta(seconds=15)
"""There is a job each night."""


@dataclass(frozen=True, slots=True)
class Check:
    state: Health = Health.OK
    detail: str = ""
    """For anybody: no names, no addresses."""


@dataclass(frozen=True, slots=True)
class Report:
    state: Health
    checks: Mapping[str, Check]


def _index() -> Check:
    now = documents.point()
    try:
        lags = [follower.lag(now) for follower in followers()]
    except (OSError, ProviderError):
        return Check(Health.DEGRADED, "An index cannot be read.")
    if None in lags:
        return Check(Health.DEGRADED, "An index is to be built.")
    behind = max((lag for lag in lags if lag), default=0)
    return Check(Health.DEGRADED, f"{behind} revisions behind") if behind else Check()


def _worker() -> Check:
    """By what is left undone, wherever workers run."""
    since = timezone.now() - _PATIENCE
    pending, mails = versions_pending(), users.mails_waiting()
    if pending.oldest and pending.oldest < since and not pending.held:
        return Check(Health.DEGRADED, "Documents have waited for more than ten minutes.")
    if mails.oldest and mails.oldest < since:
        return Check(Health.DEGRADED, "Mails have waited for more than ten minutes.")
    return Check()


def _scheduler() -> Check | None:
    """None where there never was one."""
    if scheduler_leads(lately=_CHANGE_OF_LEADER):
        return Check()
    return Check(Health.DEGRADED, "No scheduler is at work.") if scheduler_known() else None


def _in_database() -> dict[str, Check]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    found = {"database": Check(), "index": _index(), "worker": _worker()}
    scheduler = _scheduler()
    return {**found, "scheduler": scheduler} if scheduler else found


def _cache() -> dict[str, Check]:
    with reached("default") as cache:
        cache.get("health")
    return {"cache": Check()}


def _provider() -> Check:
    """By what the last calls of this process came to."""
    now = time.perf_counter()
    recent = {kind for (kind, _), (outcome, at) in last_calls.items() if outcome != "ok" and now - at < _RECENT}
    if generator_chain().troubled():
        return Check(Health.DEGRADED, "A language model does not answer; others answer in its place.")
    if "embedder" in recent:
        return Check(Health.DEGRADED, "Questions cannot be embedded; search goes by words.")
    return Check(Health.DEGRADED, "The vector store does not answer.") if "store" in recent else Check()


DATABASE = Asked(_in_database, seconds=_SECONDS, kept=_KEPT)
CACHE = Asked(_cache, seconds=_SECONDS, kept=_KEPT)
_AWAY = {
    DATABASE: {"database": Check(Health.UNAVAILABLE, "The database does not answer.")},
    CACHE: {"cache": Check(Health.DEGRADED, "The cache does not answer.")},
}


def health() -> Report:
    """In a second at most."""
    deadline = time.monotonic() + _SECONDS
    checks: dict[str, Check] = {}
    for asked, answer in [(asked, asked.begun()) for asked in (DATABASE, CACHE)]:
        try:
            checks |= answer.result(max(0.0, deadline - time.monotonic()))
        except Exception:  # whatever it is, this part cannot be used now; its own users log why
            checks |= _AWAY[asked]
    checks["provider"] = _provider()
    order = list(Health)
    return Report(max((check.state for check in checks.values()), key=order.index), checks)
