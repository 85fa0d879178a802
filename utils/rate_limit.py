"""At most so many in so many seconds: a sliding window in Redis, which all servers share.

Each event is kept until it is older than the window, so no two windows touch in which twice as many would get through.
Look and entry are one script, so that no two processes take the last place. Without Redis nothing is limited: whoever
needs more than that must not rest on this.
"""

import logging
import time
import uuid
from dataclasses import dataclass

from django.core.cache import cache
from redis.exceptions import RedisError

from utils.remembering import key_of

logger = logging.getLogger(__name__)
# Times are in milliseconds. Without a name for the event it is only looked.
_SCRIPT = """
local now, length, limit, name = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - length)
local used = redis.call('ZCARD', KEYS[1])
local allowed = 0
if used < limit then
    allowed = 1
    if name ~= '' then
        redis.call('ZADD', KEYS[1], now, name)
        redis.call('PEXPIRE', KEYS[1], length)
        used = used + 1
    end
end
local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return {allowed, used, oldest[2] and (oldest[2] + length - now) or 0}
"""


@dataclass(frozen=True, slots=True)
class Window:
    """How things stand after an event."""

    limit: int
    seconds: int
    used: int
    allowed: bool
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


def hit(kind: str, who: object, *, limit: int, seconds: int, at: float | None = None) -> Window:
    """Count one event of a kind for somebody, if there is room for it. ``at`` is the time, now if it is not given."""
    return _window(kind, who, limit, seconds, at, uuid.uuid4().hex)


def look(kind: str, who: object, *, limit: int, seconds: int, at: float | None = None) -> Window:
    """How things stand, without counting anything."""
    return _window(kind, who, limit, seconds, at, "")


def _window(kind: str, who: object, limit: int, seconds: int, at: float | None, name: str) -> Window:
    now = round((time.time() if at is None else at) * 1000)
    try:
        client = cache._cache.get_client(None, write=True)  # type: ignore[attr-defined] # Django has no other way to it
        run = client.register_script(_SCRIPT)
        key = cache.make_key(key_of("rate", kind, who))
        allowed, used, resets = run(keys=[key], args=[now, seconds * 1000, limit, name])
    except RedisError as error:
        logger.warning("A rate limit cannot be looked up, so nothing is limited: %s", type(error).__name__)
        return Window(limit, seconds, 0, allowed=True, resets=0)
    return Window(limit, seconds, int(used), allowed=bool(allowed), resets=int(resets) / 1000)
