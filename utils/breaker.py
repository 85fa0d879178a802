"""A circuit breaker: a service that keeps failing is left alone for a while."""

import threading
import time


class CircuitBreaker:
    """Open after ``failures`` in a row; after ``cooldown`` seconds one call is let through to see (half-open)."""

    def __init__(self, *, failures: int = 3, cooldown: float = 30) -> None:
        self._most, self._cooldown = failures, cooldown
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

    def succeeded(self) -> None:
        with self._lock:
            self._failed = 0

    def failed(self) -> None:
        with self._lock:
            self._failed += 1
            self._closed_at = time.monotonic() + self._cooldown
