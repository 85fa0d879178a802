"""Lines of the log as JSON, an object a line, and what belongs to each line of a piece of work."""

import json
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from utils.masking import masked
from utils.spans import trace_id

_bound: ContextVar[Mapping[str, str]] = ContextVar("bound", default={})  # noqa: B039 # never written to


def bound() -> Mapping[str, str]:
    """What belongs to each line that is logged here."""
    return _bound.get()


@contextmanager
def lines_bound(**fields: object) -> Iterator[None]:
    """Each line that is logged inside has these fields: which job it is, which run, which worker."""
    token = _bound.set({**_bound.get(), **{name: str(value) for name, value in fields.items()}})
    try:
        yield
    finally:
        _bound.reset(token)


class JsonFormatter(logging.Formatter):
    """Secrets are masked in each text by itself, so that the line stays JSON. ``extra={"fields": …}`` adds members."""

    def format(self, record: logging.LogRecord) -> str:
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, Any] = {
            "time": f"{at}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": masked(record.getMessage()),
            "request_id": getattr(record, "request_id", "-"),
            **bound(),
            **getattr(record, "fields", {}),
        }
        if trace := trace_id():
            line.setdefault("trace_id", trace)
        if record.exc_info:
            line["exception"] = masked(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)
