"""Reports, to be read."""

from datetime import date, timedelta

from django.db.models import QuerySet

from background_tasks.models import DailyReport
from utils.errors import NotFound


def report_get(*, day: date) -> DailyReport:
    """Raises NotFound."""
    try:
        return DailyReport.objects.get(day=day)
    except DailyReport.DoesNotExist:
        raise NotFound("There is no report of this day.") from None


def reports_before(day: date, *, days: int) -> QuerySet[DailyReport]:
    """Those of so many days before, the newest first."""
    return DailyReport.objects.filter(day__lt=day, day__gte=day - timedelta(days=days))


def reports_latest(*, days: int) -> list[DailyReport]:
    """Those of the last so many days up to the newest, the oldest first."""
    newest = DailyReport.objects.first()
    if newest is None:
        return []
    return [*reversed(reports_before(newest.day, days=days - 1)), newest]
