"""Redis, which may be away: whoever asks is told so at once, and the log once a minute."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from utils.breaker import CircuitBreaker

logger = logging.getLogger(__name__)
PAUSE = 0.25
"""Seconds for which a server that did not answer is not asked again."""
_FAILURES = 3
"""In a row, before it is left alone: one late answer on a busy machine is no outage."""
_LOGGED_EVERY = 60.0
_ways: dict[tuple[str, str], "_Way"] = {}
_making = threading.Lock()


class StillAway(RedisConnectionError):
    """It was out of reach a moment ago, so it was not asked."""


class _Way:
    def __init__(self, name: str) -> None:
        self.breaker = CircuitBreaker(failures=_FAILURES, cooldown=PAUSE, name=f"cache:{name}")
        self.answered = True
        """The last time it was asked, if it was."""
        self._name = name
        self._lock = threading.Lock()
        self._logged = -_LOGGED_EVERY

    def log(self, error: RedisError) -> None:
        with self._lock:
            if time.monotonic() - self._logged < _LOGGED_EVERY:
                return
            self._logged = time.monotonic()
        # Not its text, which may hold the address with its password.
        logger.warning("Redis does not serve the cache “%s”: %s", self._name, type(error).__name__)


@contextmanager
def reached(name: str, *, patient: str = "") -> Iterator[BaseCache]:
    """The cache of this name, for one call to it.

    ``patient`` names a cache on the same server that waits longer. It is taken unless the server failed to answer the
    last time: on a machine that is busy to the last, one that lives may be late, and would be taken for dead by those
    in a hurry.

    Raises RedisError where the server is out of reach: after three failures in a row, for a moment at once and without
    asking it.
    """
    way = _way(name, str(settings.CACHES[name].get("LOCATION", "")))
    if not way.breaker.allows():
        raise StillAway
    try:
        yield caches[patient if patient and way.answered else name]
    except RedisError as error:
        way.answered = False
        way.breaker.failed()
        way.log(error)
        raise
    way.answered = True
    way.breaker.succeeded()


def _way(name: str, location: str) -> _Way:
    with _making:
        return _ways.setdefault((name, location), _Way(name))
