"""One line of the log and one observation for each request, whatever becomes of it.

It is followed where the server hands it over (config/handler.py), so that what waits for a thread counts as well, and
an answer in pieces is followed to its end. There is no address of a client in it: the proxy has that.
"""

import logging
import re
import time
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from utils import metrics
from utils.marks import mark

logger = logging.getLogger(__name__)
KEY = "grounded.access"
"""Where it is in an ASGI scope."""
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_GONE = 499
"""The status where the client had gone before there was one, as nginx has it."""
_PROBES = frozenset(("api/health", "api/ready", "metrics"))
_SYNTAX = re.compile(r"\^|\$|/\?|\(\?:|\\")


class Access:
    def __init__(self, method: str) -> None:
        self.method = method if method in _METHODS else "other"
        self.route = "none"
        """The pattern; ``none`` where the address has none: static files, and what there is not."""
        self.status = _GONE
        self.request_id = "-"
        self.trace_id = ""
        self._user: object = None
        self._began = time.perf_counter()
        self._first: float | None = None
        self._streamed = False
        self._over = False

    def answered(self, request: HttpRequest, response: HttpResponseBase) -> None:
        """Before anything of the answer is sent."""
        if self._over:
            return  # the client has left, and nobody waits for it any more
        match = request.resolver_match
        self.route = _cleaned(match.route) if match else "none"
        self.request_id = response.headers.get("X-Request-ID", "-")
        self._user = _user_of(request)
        if response.streaming:
            self._streamed = True
            metrics.streams_open.labels(self.route).inc()

    def sent(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif self._first is None:
            self._first = time.perf_counter()

    def ended(self, timings: Mapping[str, float]) -> None:
        """``timings`` are seconds by stage."""
        self._over = True
        now = time.perf_counter()
        first = (self._first or now) - self._began
        metrics.requests.labels(self.route, self.method, self.status).observe(first)
        if self._streamed:
            metrics.streams.labels(self.route).observe(now - self._began)
            metrics.streams_open.labels(self.route).dec()
        level = logging.DEBUG if self.route in _PROBES and self.status < 500 else logging.INFO
        if logger.isEnabledFor(level):
            self._log(level, now - self._began, first, timings)

    @property
    def attributes(self) -> dict[str, str | int]:
        """Of the request's span, as OpenTelemetry names them."""
        return {
            "http.request.method": self.method,
            "http.route": self.route,
            "http.response.status_code": self.status,
            "grounded.request_id": self.request_id,
        }

    def _log(self, level: int, whole: float, first: float, timings: Mapping[str, float]) -> None:
        fields: MutableMapping[str, Any] = {
            "method": self.method,
            "route": self.route,
            "status": self.status,
            "duration_ms": _milliseconds(whole),
        }
        if self._streamed:
            fields["first_byte_ms"] = _milliseconds(first)
        if self._user is not None:
            fields["user"] = mark("log", self._user)[:16]
        if timings:
            fields["timings_ms"] = {stage: _milliseconds(seconds) for stage, seconds in timings.items()}
        if self.trace_id:
            fields["trace_id"] = self.trace_id
        message = f"{self.method} {self.route} {self.status} in {fields['duration_ms']} ms"
        logger.log(level, message, extra={"request_id": self.request_id, "fields": fields})


def _user_of(request: HttpRequest) -> object:
    """The id of whoever is known to ask; nobody is looked up for it."""
    user = request.__dict__.get("user")
    if isinstance(user, SimpleLazyObject):
        user = request.__dict__.get("_cached_user")
    return getattr(user, "pk", None)


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)


@lru_cache(1024)
def _cleaned(route: str) -> str:
    """Without the signs of regular expressions, and without a slash at the end."""
    return _SYNTAX.sub("", route).rstrip("/") or "root"
