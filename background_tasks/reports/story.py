"""What a report tells its readers, for every form that it comes in: what matters first, and compared with usual."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from background_tasks.models import DailyReport
from background_tasks.reports.needing import Attention, needing_a_look
from background_tasks.reports.selectors import reports_before
from rag.gap_groups import Group, groups_of

USUAL_DAYS = 7
SHOWN_DAYS = 14
_ENOUGH = 3
"""Reports from which on there is a usual."""
_MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Share:
    name: str
    count: int
    percent: float
    tone: str
    """A name of a colour: ``good``, ``plain``, ``bad``, ``quiet``."""


@dataclass(frozen=True, slots=True)
class Tile:
    label: str
    value: str
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """Of a chart: a day or an hour."""

    name: str
    label: str
    """Stands below it; empty where there is no room."""
    total: int
    parts: Sequence[Share]
    """From the bottom; percent of the highest column."""
    now: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A group of questions that were not answered, or badly."""

    example: str
    """Empty where it was met once only: in a mail, that would be one person's words."""
    times: int
    not_helpful: int
    questions: int
    nearest: str
    ids: Sequence[int]


class Story:
    def __init__(self, report: DailyReport, earlier: Sequence[DailyReport]) -> None:
        """``earlier``: reports of the days before, the newest first."""
        self.report = report
        self.counted: Mapping[str, Any] = report.counted
        self.found: Mapping[str, Any] = report.found
        since = report.day - timedelta(days=SHOWN_DAYS)
        self._earlier = [one for one in earlier if since < one.day < report.day]

    @property
    def title(self) -> str:
        return f"{self.report.day:%A}, {self.report.day.day} {self.report.day:%B %Y}"

    @cached_property
    def headline(self) -> str:
        total = self.counted["questions"]["total"]
        if not total:
            return "Nobody asked anything."
        who = " and ".join(
            _counted(self.counted["people"][name], label)
            for name, label in (("users", "user"), ("visitors", "visitor"))
            if self.counted["people"][name]
        )
        answered = next(share for share in self.outcome if share.name == "answered")
        return f"{_counted(total, 'question')} by {who or 'nobody known'}; {answered.percent:.0f}\u00a0% were answered."

    @cached_property
    def outcome(self) -> list[Share]:
        """How the answers ended."""
        answers = self.counted["answers"]
        kinds = (("answered", "good"), ("refused", "plain"), ("failed", "bad"))
        shares = [Share(name, answers[name], _percent(answers[name], answers["total"]), tone) for name, tone in kinds]
        other = answers["stopped"] + answers["unfinished"]
        return [*shares, Share("stopped", other, _percent(other, answers["total"]), "quiet")]

    @cached_property
    def needs(self) -> list[Attention]:
        return list(needing_a_look(self.report, self.usual))

    @cached_property
    def tiles(self) -> list[Tile]:
        counted, times = self.counted, self.counted["response_ms"]
        cost = counted["cost"]
        known = f"${cost['known']:,.2f}"
        paid = "at least " if cost["unknown"] and cost["known"] else ""
        return [
            Tile("questions", f"{counted['questions']['total']:,}", self._beside("questions", "total")),
            Tile("users", f"{counted['people']['users']:,}", self._beside("people", "users")),
            Tile("visitors", f"{counted['people']['visitors']:,}", self._beside("people", "visitors")),
            Tile("conversations", f"{counted['people']['sessions']:,}", f"{counted['people']['new_sessions']:,} new"),
            Tile("helpful / not", f"{counted['feedback']['helpful']:,} / {counted['feedback']['not_helpful']:,}"),
            Tile("half answered within", seconds(times["p50"]), f"95 of 100: {seconds(times['p95'])}"),
            Tile("tokens", short(self.tokens), f"all ways of asking: {short(_tokens(counted['usage']))}"),
            Tile(
                "cost" + (", estimated" if cost["estimated"] else ""),
                "unknown" if cost["unknown"] and not cost["known"] else f"{paid}{known}",
            ),
        ]

    @property
    def tokens(self) -> int:
        return sum(map(_tokens, self.counted["models"]))

    def usual(self, *path: str) -> float | None:
        """The mean of the last reports before; None where there are too few."""
        values = [value for one in self._earlier[:USUAL_DAYS] if (value := _at(one.counted, path)) is not None]
        return sum(values) / len(values) if len(values) >= _ENOUGH else None

    def _beside(self, *path: str) -> str:
        usual = self.usual(*path)
        return "" if usual is None else f"usually {usual:,.0f}"

    @cached_property
    def hours(self) -> list[Column]:
        """Questions by hour, by the clock of the report's zone."""
        rows = self.counted["questions"]["by_hour"]
        highest = max((row["questions"] for row in rows), default=0)
        zone = ZoneInfo(self.report.time_zone)
        columns = []
        for row in rows:
            begins = datetime.fromisoformat(row["begins"]).astimezone(zone)
            share = Share("questions", row["questions"], _percent(row["questions"], highest), "main")
            label = str(begins.hour) if begins.hour % 6 == 0 else ""
            columns.append(Column(f"{begins:%H:%M}", label, row["questions"], [share]))
        return columns

    @property
    def busiest(self) -> int:
        """Questions of the busiest hour."""
        return max((column.total for column in self.hours), default=0)

    @cached_property
    def days(self) -> list[Column]:
        """How answers ended on each of the last days; a day without a report has no column parts."""
        reports = {one.day: one for one in (*self._earlier, self.report)}
        highest = max(one.counted["answers"]["total"] for one in reports.values())
        columns = []
        for place in range(SHOWN_DAYS - 1, -1, -1):
            day = self.report.day - timedelta(days=place)
            one = reports.get(day)
            outcome = Story(one, ()).outcome if one else []
            parts = [Share(part.name, part.count, _percent(part.count, highest), part.tone) for part in outcome]
            columns.append(Column(f"{day}", f"{day.day}", sum(p.count for p in parts), parts, day == self.report.day))
        return columns

    @property
    def documents(self) -> list[Share]:
        rows = self.counted["documents"][:_MOST_SHOWN]
        most = max((row["citations"] for row in rows), default=0)
        return [Share(row["title"], row["citations"], _percent(row["citations"], most), "main") for row in rows]

    @cached_property
    def asked(self) -> list[Asked]:
        """The largest groups of what was asked in vain, with the words that are still there."""
        rows = self.found["gaps"]["top"]
        by_ids: dict[int, Group] = {}
        for group in groups_of(row["gaps"] for row in rows):
            by_ids |= dict.fromkeys(group.ids, group)
        return [_asked(row, by_ids) for row in rows]

    @property
    def asked_often(self) -> list[Asked]:
        """Those that may be told in a mail, which nobody can take back: met more than once, and there still."""
        return [one for one in self.asked if one.times + one.not_helpful > 1 and one.example][:_MOST_SHOWN]

    @property
    def models(self) -> Iterator[Mapping[str, Any]]:
        for row in sorted(self.counted["models"], key=lambda row: -row["answers"]):
            cost = "unknown" if row["cost"] is None else f"${row['cost']:,.4f}" if row["cost"] else "none"
            name = {"none": "nobody (refused at once)", "extractive": "extractive (this machine)"}.get(row["model"])
            yield {**row, "name": name or row["model"] or "not told", "cost_told": cost, "tokens": _tokens(row)}


def story_of(report: DailyReport) -> Story:
    return Story(report, list(reports_before(report.day, days=SHOWN_DAYS)))


def _asked(row: Mapping[str, Any], by_ids: Mapping[int, Group]) -> Asked:
    group = next((by_ids[key] for key in row["gaps"] if key in by_ids), None)
    nearest = (group.nearest or {}).get("title", "") if group else ""
    return Asked(
        example=group.example if group else "",
        times=row["times"],
        not_helpful=row["not_helpful"],
        questions=len(row["gaps"]),
        nearest=nearest,
        ids=group.ids if group else (),
    )


def seconds(milliseconds: int | None) -> str:
    if milliseconds is None:
        return "–"
    return f"{milliseconds:,} ms" if milliseconds < 1000 else f"{milliseconds / 1000:,.1f} s"


def short(number: int) -> str:
    """1,234 as it is, larger ones in thousands and millions."""
    if number < 10_000:
        return f"{number:,}"
    return f"{number / 1000:,.0f} k" if number < 1_000_000 else f"{number / 1_000_000:,.1f} M"


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _tokens(row: Mapping[str, Any]) -> int:
    return int(row["prompt_tokens"]) + int(row["completion_tokens"])


def _percent(part: float, whole: float) -> float:
    return 100 * part / whole if whole else 0.0


def _at(found: Any, path: Sequence[str]) -> Any:
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
