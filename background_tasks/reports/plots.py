"""The plots of the page of all reports."""

from collections.abc import Iterator, Sequence
from typing import Any

from background_tasks.models import DailyReport
from background_tasks.reports.charts import Chart, Series, Value, columns, lines


def overview(reports: Sequence[DailyReport]) -> Iterator[Chart]:
    yield columns(
        "Answers a day",
        reports,
        [
            Series("answered", "good", _counted("answers", "answered")),
            Series("refused", "plain", _counted("answers", "refused")),
            Series("failed", "bad", _counted("answers", "failed")),
        ],
        _whole,
    )
    yield lines(
        "People who asked, a day",
        reports,
        [
            Series("users", "main", _counted("people", "users")),
            Series("visitors", "other", _counted("people", "visitors")),
        ],
        _whole,
    )
    yield lines(
        "Response time, in seconds",
        reports,
        [
            Series("half within", "main", _seconds(_counted("response_ms", "p50"))),
            Series("95 of 100 within", "other", _seconds(_counted("response_ms", "p95"))),
        ],
        lambda number: f"{number:,.2f}".rstrip("0").rstrip("."),
        whole=False,
    )
    yield columns(
        "Known cost a day, in US dollars",
        reports,
        [Series("dollars", "main", _counted("cost", "known"))],
        lambda number: f"{number:,.4f}".rstrip("0").rstrip("."),
        whole=False,
    )
    yield columns(
        "Ratings a day",
        reports,
        [
            Series("helpful", "good", _counted("feedback", "helpful")),
            Series("not helpful", "bad", _counted("feedback", "not_helpful")),
        ],
        _whole,
    )
    yield columns("Job runs that failed, a day", reports, [Series("failed", "bad", _jobs_failed)], _whole)


def _counted(*path: str) -> Value:
    def value(report: DailyReport) -> float | None:
        found: Any = report.counted
        for name in path:
            found = found[name]
        return None if found is None else float(found)

    return value


def _whole(number: float) -> str:
    return f"{number:,.0f}"


def _seconds(value: Value) -> Value:
    def told(report: DailyReport) -> float | None:
        found = value(report)
        return None if found is None else found / 1000

    return told


def _jobs_failed(report: DailyReport) -> float:
    return float(sum(job["failed"] for job in report.counted["jobs"]))
