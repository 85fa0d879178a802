"""At most so many in so many seconds: sliding windows in Redis, which all servers share.

Each event is kept until it is older than the window, so no two windows touch in which twice as many would get through.
Look and entry are one script and the clock is that of Redis, so that no two processes take the last place. What counts
in several windows needs room in all of them, and an event that is refused takes a place in none: whoever is stopped by
one window does not use up the other.

Without REDIS_URL the windows are in this process, and each server process has its own.
"""

import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from redis.exceptions import RedisError

from utils.reaching import reached
from utils.remembering import key_of

CACHE, PATIENT = "limits", "limits_patient"
"""Names of caches: their connections have time limits of their own, so that it is soon known that Redis is away."""
_turns = threading.BoundedSemaphore(4)
"""So many threads of a process ask at a time. A hundred at once would make each other late, and take that for Redis's
fault; and should it be away, those who wait learn it from the first.
"""
# Times are in milliseconds. Without a name for the event it is only looked.
_SCRIPT = """
local now, name, room = tonumber(ARGV[1]), ARGV[2], true
if not now then
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local windows = {}
for i, key in ipairs(KEYS) do
    local limit, length = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2])
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now - length)
    local used = redis.call('ZCARD', key)
    windows[i] = {used < limit and 1 or 0, used, 0}
    room = room and used < limit
end
for i, key in ipairs(KEYS) do
    local length = tonumber(ARGV[2 * i + 2])
    if room and name ~= '' then
        redis.call('ZADD', key, now, name)
        redis.call('PEXPIRE', key, length)
        windows[i][2] = windows[i][2] + 1
    end
    local oldest = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
    windows[i][3] = oldest[2] and (oldest[2] + length - now) or 0
end
return windows
"""


class Place(NamedTuple):
    """A window: events of a kind by somebody."""

    kind: str
    who: object
    limit: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Window:
    """How things stand after an event."""

    limit: int
    seconds: int
    used: int
    allowed: bool
    """Whether there was room in this one."""
    resets: float
    """Seconds until the oldest event of the window leaves it."""

    @property
    def left(self) -> int:
        return max(0, self.limit - self.used)

    def headers(self, name: str) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers has them."""
        return {
            "RateLimit-Policy": f'"{name}";q={self.limit};w={self.seconds}',
            "RateLimit": f'"{name}";r={self.left};t={max(0, round(self.resets + 0.499))}',
        }


def take(places: Sequence[Place], *, at: float | None = None) -> list[Window]:
    """Count an event in each of these windows, or in none where one of them is full.

    ``at`` is the time, that of Redis if it is not given. Raises RedisError.
    """
    return _windows(places, at, uuid.uuid4().hex)


def hit(kind: str, who: object, *, limit: int, seconds: int, at: float | None = None) -> Window:
    """Count one event of a kind for somebody, if there is room for it; there always is where Redis is away."""
    return _or_open(Place(kind, who, limit, seconds), at, uuid.uuid4().hex)


def look(kind: str, who: object, *, limit: int, seconds: int, at: float | None = None) -> Window:
    """How things stand, without counting anything."""
    return _or_open(Place(kind, who, limit, seconds), at, "")


def _or_open(place: Place, at: float | None, name: str) -> Window:
    try:
        return _windows([place], at, name)[0]
    except RedisError:
        return Window(place.limit, place.seconds, 0, allowed=True, resets=0)


def _windows(places: Sequence[Place], at: float | None, name: str) -> list[Window]:
    now = "" if at is None else round(at * 1000)
    bounds = [bound for place in places for bound in (place.limit, place.seconds * 1000)]
    with _turns, reached(CACHE, patient=PATIENT) as cache:
        client = cache._cache.get_client(None, write=True)  # type: ignore[attr-defined] # Django has no other way to it
        keys = [cache.make_key(key_of("rate", place.kind, place.who)) for place in places]
        found = client.register_script(_SCRIPT)(keys=keys, args=[now, name, *bounds])
    return [
        Window(place.limit, place.seconds, int(used), allowed=bool(allowed), resets=int(resets) / 1000)
        for place, (allowed, used, resets) in zip(places, found, strict=True)
    ]
