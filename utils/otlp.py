"""Spans sent to a collector by OTLP over HTTP. Imported only where it is turned on."""

from collections.abc import Mapping
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_TIMEOUT = 3
"""Seconds for a batch of spans: a collector that is away holds nobody up when a process ends."""


class OtlpTracing:
    """The sampler is OpenTelemetry's own, by its variables (OTEL_TRACES_SAMPLER); so are headers and proxies."""

    def __init__(self, endpoint: str, service: str, role: str) -> None:
        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=_TIMEOUT)
        self._provider = TracerProvider(resource=Resource.create({"service.name": service, "grounded.role": role}))
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("grounded")
        self._propagator = TraceContextTextMapPropagator()

    def begin(self, name: str, attributes: Mapping[str, Any], parent: Context | None, *, served: bool) -> Span:
        kind = SpanKind.SERVER if served else SpanKind.INTERNAL
        return self._tracer.start_span(name, parent, kind, attributes)

    def current(self, span: Span) -> Any:
        return trace.use_span(span, end_on_exit=False, record_exception=False, set_status_on_exception=False)

    def fail(self, span: Span, kind: str) -> None:
        span.set_status(Status(StatusCode.ERROR))
        span.set_attribute("error.type", kind)

    def told(self, headers: Mapping[str, str]) -> Context:
        return self._propagator.extract(headers, Context())

    def telling(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        self._propagator.inject(headers)
        return headers

    def trace_id(self) -> str:
        context = trace.get_current_span().get_span_context()
        return trace.format_trace_id(context.trace_id) if context.is_valid else ""

    def close(self) -> None:
        """Send what is still here."""
        self._provider.shutdown()
