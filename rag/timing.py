"""How long the stages of an answer take: for the metrics, for a span each, and for whoever watches."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from utils import metrics
from utils.spans import span


@dataclass(slots=True)
class Watch:
    clock: Callable[[], float]
    """Seconds: ``time.perf_counter`` for the wall's, ``time.process_time`` for the processor's."""
    spent: dict[str, float] = field(default_factory=dict)
    """Stage → seconds. A stage that is gone through twice has the sum."""


_watching: ContextVar[Watch | None] = ContextVar("watching", default=None)


@contextmanager
def watched(clock: Callable[[], float]) -> Iterator[Watch]:
    """What is timed inside is in the Watch that this gives."""
    token = _watching.set(watch := Watch(clock))
    try:
        yield watch
    finally:
        _watching.reset(token)


@contextmanager
def timed(stage: str) -> Iterator[None]:
    """Count what is inside as this stage's. Not for what yields to somebody else within."""
    watch = _watching.get()
    started, begun = watch.clock() if watch else 0.0, time.perf_counter()
    try:
        with span(stage):
            yield
    finally:
        metrics.stages.labels(stage).observe(time.perf_counter() - begun)
        if watch:
            watch.spent[stage] = watch.spent.get(stage, 0.0) + watch.clock() - started
