"""The mail of a report: as text, and as a page without scripts, images and styles from elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from background_tasks.models import DailyReport
from background_tasks.reports.story import story_of


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str
    html: str


def letter_of(report: DailyReport, *, missed: Sequence[DailyReport] = ()) -> Letter:
    """``missed``: reports that were made up for and get no mail of their own."""
    story = story_of(report)
    context: dict[str, Any] = {
        "story": story,
        "report": report,
        "missed": missed,
        "product": settings.PRODUCT_NAME,
        "link": _link("admin-report", report.day),
        "gaps_link": _link("admin-gaps"),
    }
    asked = report.counted["questions"]["total"]
    broken = sum(one.bad for one in story.needs)
    note = f", {broken} to look at" if broken else ""
    day = f"{report.day:%a} {report.day.day} {report.day:%b}"
    return Letter(
        subject=f"{day}: {asked:,} question{'' if asked == 1 else 's'}{note}",
        text=render_to_string("background_tasks/mail/report.txt", context),
        html=render_to_string("background_tasks/mail/report.html", context),
    )


def _link(page: str, *args: Any) -> str:
    """Empty where nobody has said where people reach the server."""
    site: str = settings.PUBLIC_URL
    return f"{site}{reverse(page, args=[str(one) for one in args])}" if site else ""
