"""How long things are kept: each kind has its days (``KEPT_DAYS``), after which it goes. 0 days are for good."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from background_tasks.selectors import runs_old
from chat.retention import conversations_old, traces_old, visitors_old
from rag.gaps import gaps_old
from users.audit import audit_record
from users.models import AuditEntry
from users.retention import (
    api_keys_spent,
    audit_names_forget,
    audit_names_old,
    browser_logins_expired,
    logins_expired,
    mailed_links_expired,
)

_BATCH = 500
Rows = QuerySet[Any]


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    days: Callable[[], int]
    rows: Callable[[datetime], Rows]
    """What is older than a time."""
    remove: Callable[[Rows], int]


def _delete(rows: Rows) -> int:
    """By the batch, each for itself: whoever is stopped has not worked in vain."""
    count = 0
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:_BATCH]):
        rows.model._default_manager.filter(pk__in=keys).delete()
        count += len(keys)
    return count


def _kept(name: str) -> Callable[[], int]:
    return lambda: settings.KEPT_DAYS[name]


ACCESS = (
    Kind("spent API keys", _kept("access"), api_keys_spent, _delete),
    Kind("expired log-ins", _kept("access"), logins_expired, _delete),
    Kind("expired links in mails", _kept("access"), mailed_links_expired, _delete),
    Kind("expired log-ins to the admin site", _kept("access"), browser_logins_expired, _delete),
)
KINDS = (
    Kind("conversations", _kept("conversations"), conversations_old, _delete),
    Kind("visitors", lambda: settings.VISITORS["KEPT_DAYS"], visitors_old, _delete),
    Kind("answer traces", _kept("traces"), traces_old, _delete),
    Kind("knowledge gaps", _kept("gaps"), lambda before: gaps_old(before=before), _delete),
    *ACCESS,
    Kind("names in the audit trail", _kept("audit"), audit_names_old, audit_names_forget),
    Kind("runs of jobs", _kept("runs"), runs_old, _delete),
)


def retention_apply(*, now: datetime, dry_run: bool = False, kinds: Sequence[Kind] = KINDS) -> Mapping[str, int]:
    """Remove what is older than it is kept. Returns how many rows of each kind; ``dry_run`` only counts them."""
    counts = {}
    for kind in kinds:
        days = kind.days()
        rows = kind.rows(now - timedelta(days=days)) if days else AuditEntry.objects.none()
        counts[kind.name] = rows.count() if dry_run else kind.remove(rows)
    if any(counts.values()) and not dry_run:
        audit_record(
            actor=None, action="retention.apply", object_type="retention", object_id="", detail=counts, traced=False
        )
    return counts
