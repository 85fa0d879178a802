"""The log: to standard error, a line an event."""

from typing import Any, Literal

_ROOMS = ("config", "users", "documents", "rag", "chat", "learning", "background_tasks", "utils", "django")


def logging_as(form: Literal["text", "json"], level: str) -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request_id": {"()": "utils.request_id.RequestIdFilter"}},
        "formatters": {
            "text": {
                "()": "utils.masking.MaskingFormatter",
                "format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s",
            },
            "json": {"()": "utils.log_lines.JsonFormatter"},
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": form, "filters": ["request_id"]}},
        # Libraries speak up when something is wrong; our own rooms as told.
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            **{name: {"level": level} for name in _ROOMS},
            # The server's own lines like all others; a request has a line of ours (utils/access.py).
            "uvicorn": {"handlers": [], "level": "WARNING", "propagate": True},
            "uvicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
        },
    }
