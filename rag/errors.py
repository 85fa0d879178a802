"""What outside services do wrong, translated at each boundary from the SDK's own exceptions to this small tree.

``permanent`` says that the same call will fail again: do not retry, do not count it against the provider's health.
``retry_after`` is the wait in seconds that the provider asked for, if it did. Messages are ours: no raw reply of a
provider, no key and no address goes in.
"""

import itertools
from typing import Any

from utils.errors import Unavailable

_count = itertools.count(1)
_last = 0


def trouble_note() -> None:
    """Something was not as it should be, even if something else stood in for it."""
    global _last
    _last = next(_count)


def troubles() -> int:
    """Grows with each trouble in this process: what was made while it stood still was made without any."""
    return _last


class ProviderError(Unavailable):
    """Base: a call to an outside service did not succeed."""

    code = "provider_unavailable"
    title = "A service that this needs cannot be reached"
    permanent = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        trouble_note()


class ProviderUnavailable(ProviderError):
    """No connection, a time-out, or a failure on the provider's side. Worth another try."""


class StreamTruncated(ProviderUnavailable):
    """A stream ended before the provider said that it was finished."""


class RateLimited(ProviderError):
    """The provider asks to come back later (``retry_after``, where it said when)."""

    code = "provider_rate_limited"


class ProviderRejected(ProviderError):
    """The provider refuses this request: a wrong key, an unknown model, an input that it does not take."""

    code = "provider_rejected"
    permanent = True


class StoreCorrupt(ProviderError):
    """An index on this machine's disk is damaged. It is derived from the database: rebuild it."""

    code = "store_corrupt"
    title = "A search index is damaged"
    permanent = True
