"""One pool of connections to Redis for the whole process."""

import threading
from typing import Any, ClassVar, Self

from redis import ConnectionPool


class SharedPool(ConnectionPool):
    """Django makes a cache of its own for each request, and that a pool of its own: a new connection each time."""

    _pools: ClassVar[dict[tuple[object, ...], Any]] = {}
    _making: ClassVar[threading.Lock] = threading.Lock()

    @classmethod
    def from_url(cls, url: str, **options: Any) -> Self:
        """The pool of these settings, made the first time."""
        key = (cls, url, *sorted((name, str(value)) for name, value in options.items()))
        with cls._making:
            if key not in cls._pools:
                cls._pools[key] = super().from_url(url, **options)
            pool: Self = cls._pools[key]
            return pool
