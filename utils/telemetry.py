"""What a process that runs for long tells of itself: that it lives, and by setting its errors and its spans."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from utils import spans
from utils.metric_files import process_register


def telemetry_start(role: str) -> None:
    """For servers, workers and schedulers, when they begin. What is not turned on is not imported."""
    process_register(role)
    if settings.SENTRY_DSN:
        from utils.sentry import sentry_start

        sentry_start(settings.SENTRY_DSN, role)
    if settings.OTEL_ENDPOINT:
        try:
            from utils.otlp import OtlpTracing
        except ImportError as error:
            raise ImproperlyConfigured(
                "OTEL_EXPORTER_OTLP_ENDPOINT needs further packages: pip install -r requirements-otel.txt"
            ) from error

        spans.turn_on(OtlpTracing(settings.OTEL_ENDPOINT, settings.OTEL_SERVICE, role))


def telemetry_end() -> None:
    """Send what is still here. At the end of a process that happens by itself."""
    tracing: Any = spans.tracing
    if tracing:
        spans.turn_on(None)
        tracing.close()
