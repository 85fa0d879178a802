"""Of any number of schedulers one leads, for a term that it renews each second (docs/decisions/leadership-by-row.md).

The row decides: whoever changes it leads, for as long as the row says by the database's clock. The lock only shortens
the wait: whoever gets it while the row says that the leader has it knows that the leader is dead. A leader that has
frozen keeps its lock, and is replaced when its term has ended.
"""

import time
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from background_tasks.leader_locks import LeaderLock
from background_tasks.models import Leadership

TERM = 3.0
"""Seconds after its last renewal that a term ends."""
_ROW = 1


class LeadershipLost(Exception):
    """Another process leads, in a later term."""


class Candidate:
    """A process that would lead, or does."""

    def __init__(self, *, name: str, lock: LeaderLock) -> None:
        self.name = name
        self.term = 0
        """The number of the term in which it leads; 0: it does not."""
        self._lock = lock
        self._until = 0.0

    def leads(self, term: int) -> bool:
        """Whether it leads, still in this term, by this machine's clock: asked without the database, after a sleep too.

        If not, another may lead already.
        """
        return term == self.term and ticks() < self._until

    def campaign(self) -> bool:
        """Begin a term, if nobody leads. Returns whether it did."""
        locked = self._lock.take()
        begun = ticks()
        won = self._begin(locked)
        if won:
            self.term, self._until = won, begun + TERM
        elif locked:
            self._lock.release()  # whoever leads without it takes it
        return bool(won)

    def _begin(self, locked: bool) -> int:
        Leadership.objects.get_or_create(pk=_ROW)
        vacant = Q(until=None) | Q(until__lte=Now()) | (Q(locked=True) if locked else Q(pk=None))
        seen = Leadership.objects.filter(vacant, pk=_ROW).first()
        if seen is None:
            return 0
        if not locked and seen.leader != self.name:
            self._lock.evict(seen.leader)  # or it would keep what it had locked
        with transaction.atomic():
            row = Leadership.objects.select_for_update(skip_locked=True).filter(vacant, pk=_ROW).first()
            if row is None:
                return 0
            row.term += 1
            row.leader, row.locked, row.until = self.name, locked, Now() + timedelta(seconds=TERM)
            row.save(update_fields=["term", "leader", "locked", "until"])
            return row.term

    def keep(self) -> bool:
        """Renew the term. Returns False if it is over."""
        begun = ticks()
        mine = Leadership.objects.filter(pk=_ROW, term=self.term)
        if mine.update(until=Now() + timedelta(seconds=TERM), locked=self._lock.take()):
            self._until = begun + TERM
            return True
        self._over()
        return False

    def resign(self) -> None:
        """Let another lead at once."""
        if self.term:
            Leadership.objects.filter(pk=_ROW, term=self.term).update(until=Now())
        self._over()

    def _over(self) -> None:
        self.term = 0
        self._lock.release()


def term_assure(term: int) -> None:
    """Within a transaction: until it ends no later term begins. Raises LeadershipLost if one has begun."""
    if not Leadership.objects.select_for_update().filter(pk=_ROW, term=term).exists():
        raise LeadershipLost


def ticks() -> float:
    """Seconds that go on while the process is stopped or, where the system can tell, the machine sleeps."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)
