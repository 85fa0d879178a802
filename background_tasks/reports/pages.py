"""Reports on the admin site, for admins."""

from datetime import date, datetime

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from background_tasks.models import DailyReport
from background_tasks.reports.charts import Chart, columns_named
from background_tasks.reports.plots import overview
from background_tasks.reports.selectors import report_get, reports_latest
from background_tasks.reports.story import Share, Story, story_of
from documents.history import standings
from users.editor_pages import admin_page, render_page
from utils.errors import NotFound

_LENGTHS = (30, 90, 365)


@admin_page
def reports(request: HttpRequest) -> HttpResponseBase:
    length = next((days for days in _LENGTHS if str(days) == request.GET.get("days")), _LENGTHS[0])
    found = reports_latest(days=length)
    return render_page(
        request,
        "background_tasks/admin/reports.html",
        title="Daily reports",
        reports=found,
        newest_first=found[::-1],
        charts=list(overview(found)),
        lengths=_LENGTHS,
        length=length,
    )


@admin_page
def report(request: HttpRequest, day: str) -> HttpResponseBase:
    found = report_get(day=_date(day))
    story = story_of(found)
    days = DailyReport.objects.order_by("day").values_list("day", flat=True)
    named = [*story.counted["documents"], *story.found["unused"]["documents"]]
    return render_page(
        request,
        "background_tasks/admin/report.html",
        title=story.title,
        trail=(("Daily reports", reverse("admin-reports")),),
        report=found,
        story=story,
        outcome=_placed(story.outcome),
        by_hour=_by_hour(story),
        before=days.filter(day__lt=found.day).last(),
        after=days.filter(day__gt=found.day).first(),
        taken_at=datetime.fromisoformat(story.found["taken_at"]),
        there={str(key) for key in standings(row["document_id"] for row in named)},
    )


def _date(day: str) -> date:
    """Raises NotFound."""
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise NotFound("There is no such day.") from None


def _placed(shares: list[Share]) -> list[tuple[Share, float]]:
    """Each with where it begins, in percent."""
    placed, start = [], 0.0
    for share in shares:
        placed.append((share, start))
        start += share.percent
    return placed


def _by_hour(story: Story) -> Chart:
    return columns_named("Questions by hour", [(column.name, column.label, column.total) for column in story.hours])
