"""How long the stages of a search take, for whoever wants to know: nothing is measured unless somebody watches."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


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
    """Count what is inside as this stage's."""
    watch = _watching.get()
    if watch is None:
        yield
        return
    started = watch.clock()
    try:
        yield
    finally:
        watch.spent[stage] = watch.spent.get(stage, 0.0) + watch.clock() - started
