"""How long things are kept: each kind has its days (``KEPT_DAYS``), after which it goes. 0 days are for good.

All of it goes in pieces, each of which leaves everything in order. Whoever is stopped or killed has not worked in vain,
and the next run goes on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from background_tasks.selectors import runs_old
from chat.purging import conversations_count, conversations_purge
from chat.retention import Limits, traces_old
from learning.agents.selectors import interactions_old
from rag.gaps import gaps_old
from users.audit import audit_record
from users.erasing import account_erase_if
from users.models import AuditEntry, User
from users.retention import (
    accounts_unverified,
    api_keys_spent,
    audit_names_forget,
    audit_names_old,
    browser_logins_expired,
    logins_expired,
    mailed_links_expired,
)
from utils.pacing import Pace, walked

Rows = QuerySet[Any]
Counts = Mapping[str, int]
_ENTRIES = 2000


@dataclass(frozen=True, slots=True)
class Order:
    now: datetime
    dry_run: bool
    pace: Pace

    def before(self, days: int) -> datetime | None:
        return self.now - timedelta(days=days) if days else None


Kind = Callable[[Order], Counts]
"""Removes what is older than it is kept, or counts it. Returns how many of each."""


def _conversations(order: Order) -> Counts:
    limits = Limits(
        users=order.before(settings.KEPT_DAYS["conversations"]),
        visitors=order.before(settings.VISITORS["KEPT_DAYS"]),
        roles={role: order.before(days) for role, days in settings.KEPT_DAYS_BY_ROLE.items()},
    )
    if order.dry_run:
        return asdict(conversations_count(limits=limits))
    return asdict(conversations_purge(limits=limits, pace=order.pace))


def _delete(rows: Rows, pace: Pace) -> int:
    count = 0
    for found in walked(rows.only("pk"), sizes=pace.pieces()):
        _, deleted = rows.filter(pk__in=[row.pk for row in found]).delete()
        count += deleted.get(rows.model._meta.label, 0)
    return count


def _forget(entries: QuerySet[AuditEntry], pace: Pace) -> int:
    """Each piece leaves an entry of its own in the trail, so they are large."""
    count = 0
    for found in walked(entries.only("pk"), sizes=(_ENTRIES for _ in pace.pieces())):
        count += audit_names_forget(entries.filter(pk__in=[entry.pk for entry in found]))
    return count


def _erase(accounts: QuerySet[User], pace: Pace) -> int:
    return sum(
        account_erase_if(user_id=account.pk, still=accounts)
        for found in walked(accounts, sizes=(1 for _ in pace.pieces()))
        for account in found
    )


def _kind(name: str, days: str, rows: Callable[[datetime], Rows], remove: Callable[[Any, Pace], int] = _delete) -> Kind:
    def apply(order: Order) -> Counts:
        before = order.before(settings.KEPT_DAYS[days])
        if before is None:
            return {name: 0}
        return {name: rows(before).count() if order.dry_run else remove(rows(before), order.pace)}

    return apply


HISTORY: Sequence[Kind] = (
    _kind("answer traces", "traces", traces_old),
    _conversations,
    _kind("knowledge gaps", "gaps", lambda before: gaps_old(before=before)),
    _kind("answers of learning agents", "interactions", interactions_old),
    _kind("runs of jobs", "runs", runs_old),
    _kind("names in the audit trail", "audit", audit_names_old, _forget),
)
"""What was asked and done. Traces before the answers that they would go with, so that they are counted."""
ACCESS: Sequence[Kind] = (
    _kind("expired log-ins", "access", logins_expired),
    _kind("expired log-ins to the admin site", "access", browser_logins_expired),
    _kind("expired links in mails", "access", mailed_links_expired),
    _kind("spent API keys", "access", api_keys_spent),
    _kind("accounts never verified", "unverified", accounts_unverified, _erase),
)
"""By what people came in, or never did."""


def retention_apply(
    *,
    now: datetime,
    dry_run: bool = False,
    stopped: Callable[[], bool] = lambda: False,
    only: Sequence[Kind] = (*HISTORY, *ACCESS),
) -> Counts:
    """Remove what is older than it is kept. Returns how many of each kind; ``dry_run`` only counts them.

    Once ``stopped`` says so it ends within a piece, and returns what it has done.
    """
    order = Order(now, dry_run, Pace(stopped))
    counts: dict[str, int] = {}
    try:
        for kind in only:
            counts |= kind(order)
    finally:
        if any(counts.values()) and not dry_run:
            audit_record(
                actor=None, action="retention.apply", object_type="retention", object_id="", detail=counts, traced=False
            )
    return counts
