"""The one place where a failed call to an outside service is tried again."""

import time
from collections.abc import Callable
from typing import TypeVar

import tenacity

from rag.errors import ProviderError
from utils import metrics
from utils.metrics import call_timed
from utils.spans import span

T = TypeVar("T")
quick = tenacity.wait_exponential_jitter(multiplier=0.2, max=8, jitter=0.2)
patient = tenacity.wait_exponential_jitter(multiplier=1, max=60, jitter=1)
"""1 to 60 seconds, for a service that is not asked while somebody types."""


def retry(
    call: Callable[[float], T],
    *,
    timeout: float,
    kind: str,
    provider: str,
    tries: int | None = None,
    wait: Callable[[tenacity.RetryCallState], float] = quick,
) -> T:
    """The result of ``call(seconds_left)``, tried until it succeeds, fails for good, or ``timeout`` seconds are over.

    At most ``tries`` times; None: as often as there is time for. A wait that would end after the deadline is not begun:
    the error is raised at once. Raises the last ProviderError. ``kind`` and ``provider`` are what the metrics call it.
    """
    deadline = time.monotonic() + timeout

    def pause(state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, ProviderError) else None
        return max(asked or 0, wait(state))

    def hopeless(state: tenacity.RetryCallState) -> bool:
        return state.attempt_number == tries or time.monotonic() + pause(state) >= deadline

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception(lambda error: isinstance(error, ProviderError) and not error.permanent),
        wait=pause,
        stop=hopeless,
        before_sleep=lambda _: metrics.retries.labels(kind, provider).inc(),
        reraise=True,
    )

    def attempt() -> T:
        with call_timed(kind, provider), span(f"{kind} call", provider=provider):
            return call(max(0.1, deadline - time.monotonic()))

    return retrying(attempt)
