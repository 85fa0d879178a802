"""Services that questions wait for: one that keeps failing is left alone for a while, and questions do without.

Only questions are spared. Indexing and the checks ask all the same, since they have time.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from django.core.signals import setting_changed

from rag.errors import ProviderError, ProviderUnavailable
from utils.breaker import CircuitBreaker

T = TypeVar("T")


def failing_fast(service: str, call: Callable[[], T]) -> T:
    """The result of ``call``. Raises ProviderError, at once where the last three calls have failed."""
    breaker = _breaker(service)
    if not breaker.allows():
        raise ProviderUnavailable(f"{service} kept failing and is left alone for a moment.")
    try:
        result = call()
    except ProviderError as error:
        if not error.permanent:
            breaker.failed()
        raise
    breaker.succeeded()
    return result


@cache
def _breaker(service: str) -> CircuitBreaker:
    return CircuitBreaker(name=f"{service}:questions")


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "RAG":
        _breaker.cache_clear()


setting_changed.connect(_forget)
