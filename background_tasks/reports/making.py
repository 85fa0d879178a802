"""Making reports: once for each day, and never again from rows that are gone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from background_tasks.models import DailyReport
from background_tasks.reports.counting import day_counted, state_found
from background_tasks.reports.days import Day, last_ended
from background_tasks.reports.letter import letter_of
from users.outbox import admins_notify
from utils.errors import Conflict

MOST_MISSED = 31
"""Days that are made up for. Whoever wants older ones asks for them."""
_VANISHING = (("questions", "total"), ("answers", "total"), ("people", "sessions"))
"""Counts that only fall when rows have gone."""


@dataclass(frozen=True, slots=True)
class Made:
    report: DailyReport
    new: bool
    """It was not there before, or was counted anew."""


def report_make(*, day: date, again: bool = False, now: datetime | None = None) -> Made:
    """The report of a day, made unless there is one. ``again``: its rows are counted anew.

    Raises Conflict: ``day_not_over``; ``rows_gone``, where the report that there is tells more than is left.
    """
    now = now or timezone.now()
    known = DailyReport.objects.filter(day=day).first()
    if known and not again:
        return Made(known, new=False)
    wanted = Day(day, known.time_zone if known else settings.REPORTS["TIME_ZONE"])
    if now < wanted.ends:
        raise Conflict(f"{day} is not over yet in {wanted.time_zone}.", code="day_not_over")
    if known:
        return Made(_count_again(wanted, now), new=True)
    values = {
        "time_zone": wanted.time_zone,
        "begins": wanted.begins,
        "ends": wanted.ends,
        "made_at": now,
        "complete": _all_kept(wanted, now),
        "counted": day_counted(wanted),
        "found": state_found(wanted, now=now),
    }
    try:
        with transaction.atomic():
            return Made(DailyReport.objects.create(day=day, **values), new=True)
    except IntegrityError:  # another process was quicker
        return Made(DailyReport.objects.get(day=day), new=False)


def _count_again(day: Day, now: datetime) -> DailyReport:
    counted = day_counted(day)
    with transaction.atomic():
        report = DailyReport.objects.select_for_update().get(day=day.date)
        if any(counted[part][name] < report.counted[part][name] for part, name in _VANISHING):
            raise Conflict(
                f"Rows of {day.date} have been removed since its report was made. The report stays as it is.",
                code="rows_gone",
            )
        # What was found then is not to be found again.
        report.counted, report.made_at = counted, now
        report.save(update_fields=["counted", "made_at"])
    return report


def _all_kept(day: Day, now: datetime) -> bool:
    """Whether no row of the day is old enough to have been removed for its age."""
    kept = (
        settings.KEPT_DAYS["conversations"],
        *settings.KEPT_DAYS_BY_ROLE.values(),
        settings.KEPT_DAYS["traces"],
        settings.VISITORS["KEPT_DAYS"],
    )
    return all(not days or day.begins >= now - timedelta(days=days) for days in kept)


def reports_make_due(*, now: datetime) -> Mapping[str, int]:
    """Make the report of the last whole day before ``now``, and of those missed since the last one; mail it once.

    Stopped at any point, the next run goes on with what is left.
    """
    last = last_ended(now, settings.REPORTS["TIME_ZONE"])
    made = sum(report_make(day=day, now=max(now, timezone.now())).new for day in _due(last.date))
    return {"reports": made, "mails": _mail(last.date)}


def _due(last: date) -> list[date]:
    newest = DailyReport.objects.filter(day__lt=last).values_list("day", flat=True).first()
    first = max(newest + timedelta(days=1), last - timedelta(days=MOST_MISSED - 1)) if newest else last
    return [first + timedelta(days=place) for place in range((last - first).days + 1)]


def _mail(day: date) -> int:
    """Hand the mail over in the transaction that notes it: there is one, whoever tries how often."""
    with transaction.atomic():
        report = DailyReport.objects.select_for_update().get(day=day)
        if report.mailed_at:
            return 0
        before = DailyReport.objects.filter(day__lt=day)
        mailed = before.filter(mailed_at__isnull=False).values_list("day", flat=True).first()
        missed = before.filter(mailed_at=None, day__gt=mailed) if mailed else before.none()
        letter = letter_of(report, missed=list(missed.order_by("day")))
        sent = admins_notify(subject=letter.subject, text=letter.text, html=letter.html)
        report.mailed_at = timezone.now()
        report.save(update_fields=["mailed_at"])
    return sent
