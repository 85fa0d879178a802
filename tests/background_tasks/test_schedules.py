"""Schedules are cron's, in UTC; JOB_SCHEDULES changes them, and bad ones are refused before anything starts."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from apscheduler.triggers.base import BaseTrigger
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from pytest_django import Settings

from background_tasks.jobs import JOBS
from background_tasks.schedules import newest_slot, next_slot, schedule_of, trigger_of, triggers
from config.env import BASE_DIR, read

SATURDAY = datetime(2026, 11, 21, 12, tzinfo=UTC)


def trigger(schedule: str) -> BaseTrigger:
    found = trigger_of(schedule)
    assert found
    return found


@pytest.mark.parametrize(
    ("schedule", "slot"),
    [
        ("0 8 * * *", "Sun 22 08:00:00"),
        ("30 12 * * *", "Sat 21 12:30:00"),
        ("*/15 * * * *", "Sat 21 12:15:00"),
        ("5 * * * * *", "Sat 21 12:00:05"),  # six fields begin with the seconds
        ("0 9 * * 0", "Sun 22 09:00:00"),  # cron's week begins with Sunday
        ("0 9 * * 7", "Sun 22 09:00:00"),
        ("0 9 * * 1", "Mon 23 09:00:00"),
        ("0 9 * * MON-FRI", "Mon 23 09:00:00"),
        ("0 9 * * 6-1/2", "Mon 23 09:00:00"),
        ("0 9 * * 3,thu", "Wed 25 09:00:00"),
        ("0 9 * * */3", "Sun 22 09:00:00"),
        ("0 0 1 * *", "Tue 01 00:00:00"),
    ],
)
def test_a_schedule_is_read_as_cron_reads_it(schedule: str, slot: str) -> None:
    found = next_slot(trigger(schedule), SATURDAY)
    assert found
    assert f"{found:%a %d %H:%M:%S}" == slot


@pytest.mark.parametrize("before", [timedelta(seconds=90), timedelta(days=3), timedelta(days=3000)])
@pytest.mark.parametrize("schedule", ["* * * * * *", "* * * * *", "0 12 * * *", "0 12 21 11 *"])
def test_the_newest_slot_is_found_however_many_there_were(schedule: str, before: timedelta) -> None:
    now = SATURDAY + timedelta(milliseconds=500)
    assert newest_slot(trigger(schedule), after=SATURDAY - before, now=now) == SATURDAY
    assert newest_slot(trigger(schedule), after=SATURDAY, now=now) is None


def test_variables_change_a_schedule_or_turn_a_job_off(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setenv("JOB_SCHEDULES", " tokens = 15  4 * * * ;retention=off; ")
    read.cache_clear()
    settings.JOB_SCHEDULES = read().job_schedules
    read.cache_clear()
    schedules = {job.name: schedule_of(job) for job in JOBS}
    assert (schedules["tokens"], schedules["retention"]) == ("15 4 * * *", "off")
    assert triggers(JOBS).keys() == schedules.keys() - {"retention"}
    call_command("check")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("tokens", "'tokens' is not like tokens=0 4 * * *"),
        ("tokens=", "'tokens=' is not like"),
        ("tokens=off;tokens=off", "tokens is there twice"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch, value: str, said: str) -> None:
    monkeypatch.setenv("JOB_SCHEDULES", value)
    read.cache_clear()
    with pytest.raises(ImproperlyConfigured, match=r"^JOB_SCHEDULES: ") as refused:
        read()
    read.cache_clear()
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"tokns": "off"}, "there is no job 'tokns'"),
        ({"tokens": "every day"}, "'every day' has 2 fields"),
        ({"tokens": "61 * * * *"}, "61"),
        ({"tokens": "0 0 31 2 *"}, "never comes"),
        ({"tokens": "0 0 1 * 1"}, "both a day of the month and a weekday"),
        ({"tokens": "0 0 * * 8"}, "'8' is no weekday"),
        ({"tokens": "0 0 * * mon-"}, "'mon-' is no weekday"),
    ],
)
def test_no_scheduler_starts_with_a_schedule_that_cannot_be_kept(
    settings: Settings, value: dict[str, Any], said: str
) -> None:
    settings.JOB_SCHEDULES = value
    with pytest.raises(SystemCheckError) as refused:
        call_command("run_scheduler", skip_checks=False)
    assert "JOB_SCHEDULES: " in str(refused.value)
    assert said in str(refused.value)


def test_the_handbook_lists_every_job_with_its_time() -> None:
    page = (BASE_DIR / "documents" / "library" / "guide" / "scheduled-jobs.md").read_text()
    listed = dict(re.findall(r"^\| `(\w+)` \| (\d\d:\d\d [^|]+|each hour[^|]+) \|", page, re.MULTILINE))
    days = {"*": "each day", "sun": "on Sundays"}
    for job in JOBS:
        minute, hour, *_, weekday = job.schedule.split()
        told = f"each hour, at {minute} past" if hour == "*" else f"{hour:>02}:{minute:>02} {days[weekday]}"
        assert listed.get(job.name) == told
    assert len(listed) == len(JOBS)
