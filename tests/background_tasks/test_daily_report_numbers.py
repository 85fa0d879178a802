"""The numbers of the daily report are those that a plain recount of every row gives."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from pytest_django import Settings

from background_tasks.reports.counting import day_counted
from background_tasks.reports.days import Day, last_ended
from tests.background_tasks.activity import Living
from tests.background_tasks.recount import Rows

BERLIN = "Europe/Berlin"


def midnight(day: date, zone: str) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(("first", "changed", "length"), [
    (date(2026, 10, 12), date(2026, 10, 25), 25),
    (date(2026, 3, 16), date(2026, 3, 29), 23),
])  # fmt: skip
def test_a_month_with_a_change_of_clocks_is_counted_to_the_last_row(
    settings: Settings, first: date, changed: date, length: int
) -> None:
    settings.REPORTS = {**settings.REPORTS, "PRICES": {}}
    days = [first + timedelta(days=place) for place in range(28)]
    midnights = [midnight(day, zone) for day in days for zone in (BERLIN, "UTC")]
    living = Living(7, begins=midnights[0], ends=midnight(days[-1] + timedelta(days=1), "UTC"), midnights=midnights)
    living.live(600)
    rows, asked = Rows(), 0
    for day in days:
        counted = day_counted(Day(day, BERLIN))
        by_hour = {hour["begins"]: hour["questions"] for hour in counted["questions"].pop("by_hour")}
        assert sum(by_hour.values()) == counted["questions"]["total"]
        expected = rows.recount(day, BERLIN)
        costs = [(row.pop("cost"), row.pop("price")) for row in counted["models"]]
        assert counted.pop("cost")["known"] == pytest.approx(sum(cost or 0 for cost, _ in costs))
        assert counted == expected, day
        asked += counted["questions"]["total"]
        if day == changed:
            assert by_hour == rows.hours(day, BERLIN)
            assert len(by_hour) == length
    assert asked > 550


@pytest.mark.parametrize("zone", ["UTC", BERLIN, "Asia/Kolkata", "America/Havana", "Pacific/Apia", "Africa/Cairo"])
def test_every_moment_belongs_to_exactly_one_day(zone: str) -> None:
    day = Day(date(2011, 12, 20), zone)
    for _ in range(400):
        assert day.ends == day.shifted(1).begins
        parts = day.hours()
        assert not parts or (parts[0].begins, parts[-1].ends) == (day.begins, day.ends)
        assert all(one.ends == other.begins for one, other in pairwise(parts))
        day = day.shifted(1)


def test_a_message_at_midnight_belongs_to_the_day_that_begins() -> None:
    first, second = Day(date(2026, 10, 24), BERLIN), Day(date(2026, 10, 25), BERLIN)
    living = Living(1, begins=first.begins, ends=second.ends, midnights=[second.begins])
    living.live(3)
    assert [day_counted(day)["questions"]["total"] for day in (first, second)] == [1, 2]


def test_the_last_whole_day_is_that_of_the_zone() -> None:
    moment = datetime(2026, 6, 1, 8, tzinfo=UTC)
    assert last_ended(moment, "UTC").date == date(2026, 5, 31)
    assert last_ended(moment, "Pacific/Honolulu").date == date(2026, 5, 30)  # 22:00 there


def test_an_unknown_price_is_no_price_of_nothing(settings: Settings) -> None:
    day = Day(date(2026, 5, 1), "UTC")
    Living(3, begins=day.begins, ends=day.ends).live(80)
    settings.REPORTS = {**settings.REPORTS, "PRICES": {}}
    rows = {row["model"]: row for row in day_counted(day)["models"]}
    assert (rows["a-model-of-ours"]["cost"], rows["a-model-of-ours"]["price"]) == (None, "unknown")
    assert (rows["extractive"]["cost"], rows["none"]["cost"]) == (0, 0)
    small = rows["mistral-small-latest"]
    assert small["price"] == "estimate"
    assert small["cost"] == pytest.approx(
        (0.1 * small["prompt_tokens"] + 0.3 * small["completion_tokens"]) / 1e6, abs=1e-6
    )
    assert day_counted(day)["cost"]["unknown"] == ["a-model-of-ours"]
    settings.REPORTS = {**settings.REPORTS, "PRICES": {"a-model": (1, 2), "a-model-of-ours": (3, 4)}}
    ours = {row["model"]: row for row in day_counted(day)["models"]}["a-model-of-ours"]
    assert ours["cost"] == pytest.approx((3 * ours["prompt_tokens"] + 4 * ours["completion_tokens"]) / 1e6, abs=1e-6)
    assert not day_counted(day)["cost"]["unknown"]
