"""Limits by name: so many events in so many seconds, as ``LIMITS`` in the settings has it."""

from typing import Any, ClassVar

from django.conf import settings
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from utils.client_address import client_address
from utils.errors import LimitReached, Unavailable
from utils.rate_limit import Place, Window, take
from utils.reaching import PAUSE


class LimitsUnavailable(Unavailable):
    """Not logged for each request: that Redis is away is (utils/reaching.py), once a minute."""

    code = "limits_unavailable"
    logged = False


def limit_take(name: str, *, closed: bool = False, **whose: object) -> None:
    """Count an event for everybody whom it counts for, as in ``address="192.0.2.7", account=7``.

    All of them must have room for it, and a refused event counts for nobody. Raises LimitReached; where Redis is away,
    Unavailable if the limit is to be ``closed`` then, else nothing.
    """
    allowed, seconds = settings.LIMITS[name]
    places = {per: Place(f"{name}-{per}", who, allowed, seconds) for per, who in whose.items()}
    try:
        windows = dict(zip(places, take(list(places.values())), strict=True))
    except RedisError:
        if closed:
            raise LimitsUnavailable(
                "It cannot be counted now how often this was tried, so it is not done. Try again in a moment.",
                retry_after=PAUSE,
            ) from None
        return
    full = [per for per, window in windows.items() if not window.allowed]
    if full:
        last = max(full, key=lambda per: windows[per].resets)
        raise _reached(name, last, windows[last])


def _reached(name: str, per: str, window: Window) -> LimitReached:
    return LimitReached(
        f"This may be tried {window.limit} times in {window.seconds} seconds. Please wait.",
        retry_after=window.resets,
        members={"limit": name, "per": per, "allowed": window.limit, "seconds": window.seconds},
        headers=window.headers(f"{name}-{per}"),
    )


class AddressLimit(BaseThrottle):
    """A limit for the ``throttle_classes`` of a view: counts each request of ``methods`` before it is looked at.

    The schema says by itself that such an operation answers 429, and 503 if it is ``closed``.
    """

    name: ClassVar[str]
    closed: ClassVar[bool] = True
    """Whether nobody gets through while Redis is away."""
    methods: ClassVar[tuple[str, ...]] = ("POST",)

    def allow_request(self, request: Request, view: Any) -> bool:
        if request.method in self.methods:
            limit_take(self.name, closed=self.closed, **self.whose(request))
        return True

    def whose(self, request: Request) -> dict[str, object]:
        return {"address": client_address(request)}
