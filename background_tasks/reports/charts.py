"""Plots over time as places on a canvas, drawn by a template as SVG without scripts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from math import ceil, floor, log10

from background_tasks.models import DailyReport

WIDTH, HEIGHT = 560, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 8, 10, 34
_INNER_WIDTH, _INNER_HEIGHT = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
_LABELS = 7
_STEPS = (1, 2, 2.5, 5, 10)
Value = Callable[[DailyReport], float | None]
Told = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Series:
    name: str
    tone: str
    value: Value


@dataclass(frozen=True, slots=True)
class Mark:
    """A rectangle of a column, or a point of a line."""

    x: str
    y: str
    tone: str
    title: str
    width: str = ""
    height: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    at: str
    label: str


@dataclass(slots=True)
class Chart:
    title: str
    series: Sequence[Series]
    across: list[Tick] = field(default_factory=list)
    up: list[Tick] = field(default_factory=list)
    bars: list[Mark] = field(default_factory=list)
    points: list[Mark] = field(default_factory=list)
    lines: list[tuple[str, str]] = field(default_factory=list)
    """Tone and path; a day without a report breaks it."""


def columns(
    title: str, reports: Sequence[DailyReport], series: Sequence[Series], told: Told, *, whole: bool = True
) -> Chart:
    """What adds up: one column a day, the first series at its bottom. ``whole``: it is counted, not measured."""
    chart = Chart(title, series)
    sums = [sum(one.value(report) or 0 for one in series) for report in reports]
    places = _places(reports)
    canvas = _Canvas(chart, places, max(sums, default=0), told, whole=whole)
    canvas.name_days(reports)
    for report, place in zip(reports, places, strict=True):
        height = 0.0
        for one in series:
            value = one.value(report) or 0
            if value:
                canvas.bar(place, height, height + value, one.tone, f"{report.day}: {told(value)} {one.name}")
                height += value
    return chart


def lines(
    title: str, reports: Sequence[DailyReport], series: Sequence[Series], told: Told, *, whole: bool = True
) -> Chart:
    """What does not add up: a line for each series; ``whole`` as in :func:`columns`."""
    chart = Chart(title, series)
    highest = max((one.value(report) or 0 for report in reports for one in series), default=0)
    places = _places(reports)
    canvas = _Canvas(chart, places, highest, told, whole=whole)
    canvas.name_days(reports)
    for one in series:
        values = ((report, place, one.value(report)) for report, place in zip(reports, places, strict=True))
        known = [(report, place, value) for report, place, value in values if value is not None]
        for report, place, value in known:
            canvas.point(place, value, one.tone, f"{report.day}: {told(value)} {one.name}")
        for (_, before, low), (_, after, high) in pairwise(known):
            if after - before == 1:
                canvas.line(before, low, after, high, one.tone)
    return chart


def columns_named(title: str, rows: Sequence[tuple[str, str, int]]) -> Chart:
    """A column for each row: its name, what stands below it, and its number."""
    chart = Chart(title, ())
    highest = max((row[2] for row in rows), default=0)
    canvas = _Canvas(chart, range(len(rows)), highest, lambda number: f"{number:,.0f}", whole=True)
    for place, (name, label, number) in enumerate(rows):
        if label:
            chart.across.append(Tick(_at(canvas.x(place)), label))
        if number:
            canvas.bar(place, 0, number, "main", f"{name}: {number:,}")
    return chart


def _places(reports: Sequence[DailyReport]) -> list[int]:
    """Days since the first: a day without a report leaves its place empty."""
    return [(report.day - reports[0].day).days for report in reports]


class _Canvas:
    """Where a place and a value are; draws on a chart."""

    def __init__(self, chart: Chart, places: Sequence[int], highest: float, told: Told, *, whole: bool) -> None:
        self._chart = chart
        self._count = places[-1] + 1 if places else 1
        self._step = _INNER_WIDTH / self._count
        unit = max(_unit(highest), 1) if whole else _unit(highest)
        self._most = unit * max(1, ceil(highest / unit))
        for step in range(round(self._most / unit) + 1):
            chart.up.append(Tick(_at(self.y(step * unit)), told(step * unit)))

    def name_days(self, reports: Sequence[DailyReport]) -> None:
        if reports:
            for place in range(0, self._count, ceil(self._count / _LABELS)):
                day = reports[0].day + timedelta(days=place)
                self._chart.across.append(Tick(_at(self.x(place)), f"{day.day} {day:%b}"))

    def x(self, place: int) -> float:
        return _LEFT + self._step * (place + 0.5)

    def y(self, value: float) -> float:
        return _TOP + _INNER_HEIGHT * (1 - value / self._most)

    def bar(self, place: int, low: float, high: float, tone: str, title: str) -> None:
        width = max(1.0, self._step * 0.72)
        top, height = self.y(high), self.y(low) - self.y(high)
        self._chart.bars.append(
            Mark(_at(self.x(place) - width / 2), _at(top), tone, title, _at(width), _at(max(height, 1)))
        )

    def point(self, place: int, value: float, tone: str, title: str) -> None:
        self._chart.points.append(Mark(_at(self.x(place)), _at(self.y(value)), tone, title))

    def line(self, before: int, low: float, after: int, high: float, tone: str) -> None:
        path = f"M{_at(self.x(before))} {_at(self.y(low))}L{_at(self.x(after))} {_at(self.y(high))}"
        self._chart.lines.append((tone, path))


def _unit(highest: float) -> float:
    """Between two ticks: a round number, so that there are three to five of them."""
    if highest <= 0:
        return 1
    raw = highest / 4
    power = 10.0 ** floor(log10(raw))
    return float(next(step * power for step in _STEPS if step * power >= raw * 0.999))


def _at(number: float) -> str:
    return f"{number:.1f}"
