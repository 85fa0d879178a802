"""Work on many rows in short pieces, so that whoever else uses the database hardly waits for it."""

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from typing import TypeVar

from django.db import connection
from django.db.models import Model, Q, QuerySet

M = TypeVar("M", bound=Model)

_SECONDS = 0.1
"""That a piece is to take: what somebody may have to wait who wants the same rows, or to write to SQLite."""
_LEAST, _MOST = 500, 2000
"""Rows of a piece. For fewer, the statements as such, which go to the server and back, take most of the time."""
_LEAST_ALONE = 50
"""On SQLite, where they go nowhere, and a piece keeps everybody from writing."""
_AT_ONCE = 500


class Pace:
    """How large the pieces are, found by measuring, and how long the pauses between them.

    A busy database takes longer for a piece. Then the next is smaller and the pause before it longer.
    """

    def __init__(
        self, stopped: Callable[[], bool] = lambda: False, *, least: int | None = None, most: int = _MOST
    ) -> None:
        alone = connection.vendor == "sqlite"
        self._stopped = stopped
        self._least, self._most = least or (_LEAST_ALONE if alone else _LEAST), most
        self._size = min(most, self._least)
        self._pause = 1.0 if alone else 0.5
        """As part of what the piece before it took."""

    def pieces(self) -> Iterator[int]:
        """The size of each piece, in rows, until whoever asks breaks off, or is to come to an end.

        What is done until the next one is asked for is a piece.
        """
        while not self._stopped():
            began = time.monotonic()
            yield self._size
            took = time.monotonic() - began
            self._size = round(self._size * min(2.0, max(0.5, _SECONDS / max(took, 0.001))))
            self._size = min(self._most, max(self._least, self._size))
            time.sleep(took * self._pause)


def walked(rows: QuerySet[M], by: str = "pk", *, sizes: Iterable[int] | None = None) -> Iterator[list[M]]:
    """The rows in the order of a field, some at a time, in queries of their own: each begins where the last ended,
    whatever has become of the rows before it.
    """
    after = Q()
    for size in sizes or repeat(_AT_ONCE):
        found = list(rows.filter(after).order_by(by, "pk")[:size])
        if not found:
            return
        yield found
        last = found[-1]
        at = getattr(last, by)
        after = Q((f"{by}__gte", at)) & (Q((f"{by}__gt", at)) | Q(pk__gt=last.pk))
