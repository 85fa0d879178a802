"""Errors sent to Sentry, or to a service that speaks its protocol. Imported only where it is turned on.

What is logged as an error is sent: the line, its traceback, and the request's id. Nothing of a request is looked at, so
neither its body nor its address nor its headers can be sent, and no variables of the program are.
"""

import logging
from typing import Any

import sentry_sdk
from django.conf import settings
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.integrations.threading import ThreadingIntegration

from utils.log_lines import bound
from utils.masking import masked
from utils.request_id import current_request_id

_DROPPED = ("request", "user", "extra", "breadcrumbs", "modules")


def sentry_start(dsn: str, role: str) -> None:
    sentry_sdk.init(
        dsn=dsn,
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            LoggingIntegration(level=None, event_level=logging.ERROR),
            ExcepthookIntegration(),
            ThreadingIntegration(propagate_scope=False),
            DedupeIntegration(),
            AtexitIntegration(callback=lambda pending, timeout: None),
        ],
        send_default_pii=False,
        max_request_body_size="never",
        include_local_variables=False,
        include_source_context=True,
        max_breadcrumbs=0,
        auto_session_tracking=False,
        before_send=scrubbed,
        environment="production" if settings.SECURE_SSL_REDIRECT else "local",
        server_name=role,
        shutdown_timeout=2,
    )


def scrubbed(event: Any, hint: Any = None) -> Any:
    """An event without what nobody is to know elsewhere."""
    kept = {name: _masked(value) for name, value in event.items() if name not in _DROPPED}
    kept["tags"] = {"request_id": current_request_id(), **bound(), **kept.get("tags", {})}
    return kept


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {name: _masked(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(part) for part in value]
    return value
