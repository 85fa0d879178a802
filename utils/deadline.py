"""What may hang, asked so that nobody hangs with it."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from django.db import connections

T = TypeVar("T")


class Asked(Generic[T]):
    """A call that is made in a thread of its own, one at a time, and whose result is good for a while.

    Whoever asks waits for so many ``seconds`` at most. While a call hangs no other is begun.
    """

    def __init__(self, call: Callable[[], T], *, seconds: float, kept: float) -> None:
        self._call, self._seconds, self._kept = call, seconds, kept
        self._lock = threading.Lock()
        self._asked: Future[T] | None = None
        self._at = 0.0

    def result(self) -> T:
        """Raises TimeoutError, or what the call raised."""
        return self.begun().result(self._seconds)

    def begun(self) -> "Future[T]":
        """The result to come, for whoever asks for several things at once."""
        with self._lock:
            if self._asked is None or (self._asked.done() and time.monotonic() - self._at >= self._kept):
                self._asked, self._at = Future(), time.monotonic()
                threading.Thread(target=self._run, args=[self._asked], daemon=True).start()
            return self._asked

    def forget(self) -> None:
        with self._lock:
            self._asked = None

    def _run(self, asked: "Future[T]") -> None:
        try:
            found = self._call()
        except BaseException as error:
            connections.close_all()
            asked.set_exception(error)
        else:
            connections.close_all()
            asked.set_result(found)
