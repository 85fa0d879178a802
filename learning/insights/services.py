"""Making insights each night, and dismissing them."""

import itertools
import logging
from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone

from learning.insights.patterns import ready, stalled, streaks, struggling
from learning.models import Insight

logger = logging.getLogger(__name__)
_BATCH = 2_000


def insights_make(*, now: datetime | None = None) -> int:
    """Look for every pattern in every learner's rows. Returns how many insights hold now.

    One that holds still is brought up to date, and stays dismissed if it was; one that does not hold any more goes.
    Killed, it is done again from the beginning; two at a time do no harm.
    """
    now = now or timezone.now()
    found = 0
    for pattern in (struggling, stalled, streaks, ready):
        found += _keep(pattern(now))
    Insight.objects.filter(dismissed_at=None, at__lt=now).delete()
    logger.info("There are %d insights.", found)
    return found


def _keep(insights: Iterator[Insight]) -> int:
    kept = 0
    while batch := list(itertools.islice(insights, _BATCH)):
        Insight.objects.bulk_create(
            batch,
            update_conflicts=True,
            unique_fields=["user", "kind", "subject"],
            update_fields=["course", "topic", "figures", "at"],
        )
        kept += len(batch)
    return kept


def insight_dismiss(*, insight: Insight) -> None:
    """It does not come again. Once more is no harm."""
    if insight.dismissed_at is None:
        insight.dismissed_at = timezone.now()
        insight.save(update_fields=["dismissed_at"])
