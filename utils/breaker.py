"""A circuit breaker: a service that keeps failing is left alone for a while."""

import threading
import time

from utils import metrics


class CircuitBreaker:
    """Open after ``failures`` in a row; after ``cooldown`` seconds one call is let through to see (half-open)."""

    def __init__(self, *, failures: int = 3, cooldown: float = 30, name: str = "") -> None:
        """With a ``name`` the metrics tell of it."""
        self._most, self._cooldown, self._name = failures, cooldown, name
        self._lock = threading.Lock()
        self._failed = 0
        self._closed_at = 0.0

    def allows(self) -> bool:
        """Whether a call may be made now."""
        with self._lock:
            if self._failed < self._most:
                return True
            if time.monotonic() < self._closed_at:
                return False
            self._closed_at = time.monotonic() + self._cooldown  # the others wait for this one's outcome
            return True

    @property
    def is_open(self) -> bool:
        """Whether the last calls have all failed, so that it is left alone or just tried once."""
        return self._failed >= self._most

    def succeeded(self) -> None:
        with self._lock:
            was_open, self._failed = self.is_open, 0
        if was_open:
            self._tell()

    def failed(self) -> None:
        with self._lock:
            self._failed += 1
            self._closed_at = time.monotonic() + self._cooldown
        if self._failed == self._most:
            self._tell()

    def _tell(self) -> None:
        if self._name:
            metrics.breakers.labels(self._name).set(self.is_open)
