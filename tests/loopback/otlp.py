"""A stand-in for an OpenTelemetry collector: takes spans by OTLP over HTTP, as protobuf."""

import gzip
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.loopback.server import Failure, LoopbackServer, Reply, Request


class LoopbackCollector(LoopbackServer):
    """``POST /v1/traces``. What was sent is in ``spans``, what it came from in ``resource``."""

    def __init__(self, port: int = 0, key: str = "") -> None:
        super().__init__(port, key)
        self.spans: list[Span] = []
        self.resource: dict[str, str] = {}

    def answer(self, request: Request, failure: Failure | None) -> Reply:
        if (request.method, request.path) != ("POST", "/v1/traces"):
            return self.error_reply(404, "No such path.")
        body = gzip.decompress(request.raw) if request.headers.get("content-encoding") == "gzip" else request.raw
        for part in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.resource |= {pair.key: pair.value.string_value for pair in part.resource.attributes}
            self.spans += [span for scope in part.scope_spans for span in scope.spans]
        return Reply(b"", headers={"Content-Type": "application/x-protobuf"})

    def span(self, name: str) -> Span:
        [found] = [span for span in self.spans if span.name == name]
        return found


def attributes(span: Span) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, str(pair.value.WhichOneof("value"))) for pair in span.attributes}
