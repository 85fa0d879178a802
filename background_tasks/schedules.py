"""Schedules as cron writes them, and the slots that they give. All in UTC."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from django.conf import settings

from background_tasks.jobs import Job

OFF = "off"
_FIELDS = ("second", "minute", "hour", "day", "month", "day_of_week")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_WEEKDAYS = re.compile(r"(?:\*|(\w+)(?:-(\w+))?)(?:/([1-9]\d?))?")
_MOMENT = timedelta(microseconds=1)
_SPANS = [timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(days=32), timedelta(days=400)]


def trigger_of(schedule: str) -> BaseTrigger | None:
    """What tells the slots of a schedule; None if it is off. Raises ValueError."""
    if schedule == OFF:
        return None
    fields = schedule.lower().split()
    if len(fields) not in (5, 6):
        raise ValueError(f"{schedule!r} has {len(fields)} fields: there are minute, hour, day, month and weekday")
    values = dict(zip(_FIELDS, fields if len(fields) == 6 else ["0", *fields], strict=True))
    if values["day"] != "*" and values["day_of_week"] != "*":
        raise ValueError(f"{schedule!r} names both a day of the month and a weekday: leave one of them at *")
    values["day_of_week"] = _weekdays(values["day_of_week"])
    try:
        trigger = CronTrigger(**values, timezone=UTC)
    except ValueError as error:
        raise ValueError(f"{schedule!r} is no schedule: {error}") from error
    if trigger.get_next_fire_time(None, datetime(2024, 1, 1, tzinfo=UTC)) is None:
        raise ValueError(f"{schedule!r} names a time that never comes")
    return trigger


def schedule_of(job: Job) -> str:
    schedules: Mapping[str, str] = settings.JOB_SCHEDULES
    return schedules.get(job.name, job.schedule)


def triggers(jobs: Sequence[Job]) -> dict[str, BaseTrigger]:
    """Those of the jobs that are not off, by name. Raises ValueError."""
    found = {job.name: trigger_of(schedule_of(job)) for job in jobs}
    return {name: trigger for name, trigger in found.items() if trigger}


def next_slot(trigger: BaseTrigger, after: datetime) -> datetime | None:
    slot: datetime | None = trigger.get_next_fire_time(None, after + _MOMENT)
    return slot


def newest_slot(trigger: BaseTrigger, *, after: datetime, now: datetime) -> datetime | None:
    """The last slot after a time, not later than ``now``, however many there were."""
    for span in _SPANS:
        since = max(after, now - span)
        newest = max(_slots(trigger, since, now), default=None)
        if newest or since == after:
            return newest
    return None


def _slots(trigger: BaseTrigger, after: datetime, now: datetime) -> Iterator[datetime]:
    while (slot := next_slot(trigger, after)) and slot <= now:
        yield slot
        after = slot


def _weekdays(field: str) -> str:
    """By their names: cron's week begins with Sunday, 0 or 7, and APScheduler's with Monday."""
    if field == "*":
        return field
    found = set()
    for part in field.split(","):
        match = _WEEKDAYS.fullmatch(part)
        if not match:
            raise ValueError(f"{part!r} is no weekday")
        first, last, step = match.groups()
        begin = _weekday(first) if first else 0
        end = _weekday(last) if last else 6 if step or not first else begin
        if end < begin:
            end += 7
        found |= {day % 7 for day in range(begin, end + 1, int(step or 1))}
    return ",".join(_DAYS[day] for day in sorted(found))


def _weekday(word: str) -> int:
    if word in _DAYS:
        return _DAYS.index(word)
    if word.isascii() and word.isdigit() and int(word) <= 7:
        return int(word)
    raise ValueError(f"{word!r} is no weekday")
