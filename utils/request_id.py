"""An id for each request: the client's ``X-Request-ID`` where it is sane, echoed, and in every log line."""

import logging
import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponseBase

_SANE = re.compile(r"[A-Za-z0-9._-]{8,128}")
_current: ContextVar[str] = ContextVar("request_id", default="-")


def current_request_id() -> str:
    """The id of the request that this thread or task serves or served last, ``-`` before the first."""
    return _current.get()


def request_id_adopt(response: HttpResponseBase) -> None:
    """In a task that goes on with what a request began in a thread."""
    _current.set(response.headers.get("X-Request-ID", "-"))


class RequestIdMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        sent = request.headers.get("X-Request-ID", "")
        request_id = sent if _SANE.fullmatch(sent) else uuid.uuid4().hex
        # Never reset: Django logs the outcome, and a streamed answer is written, after this has returned.
        _current.set(request_id)
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "request_id"):  # whoever logs may know better
            record.request_id = current_request_id()
        return True
