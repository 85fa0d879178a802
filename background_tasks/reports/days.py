"""A day of a time zone: from one midnight to the next, which is 23 or 25 hours where clocks are changed."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chat.activity import Interval

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Day:
    date: date
    time_zone: str

    @property
    def begins(self) -> datetime:
        return _midnight(self.date, self.time_zone)

    @property
    def ends(self) -> datetime:
        return _midnight(self.date + timedelta(days=1), self.time_zone)

    @property
    def interval(self) -> Interval:
        return Interval(self.begins, self.ends)

    def hours(self) -> list[Interval]:
        """Each hour that passed. The hour that comes twice in autumn is two."""
        found, begins = [], self.begins
        while begins < self.ends:
            found.append(Interval(begins, min(begins + _HOUR, self.ends)))
            begins += _HOUR
        return found

    def shifted(self, days: int) -> "Day":
        return Day(self.date + timedelta(days=days), self.time_zone)


def last_ended(moment: datetime, time_zone: str) -> Day:
    """The last whole day before ``moment``."""
    return Day(moment.astimezone(ZoneInfo(time_zone)).date(), time_zone).shifted(-1)


def _midnight(day: date, time_zone: str) -> datetime:
    """In UTC. One that clocks pass over, or show twice, is the moment when the date changes."""
    return datetime.combine(day, time(), ZoneInfo(time_zone)).astimezone(UTC)
