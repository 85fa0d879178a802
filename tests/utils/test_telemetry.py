"""Errors and spans leave where a setting says so, and with them nothing that is private."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from rest_framework.test import APIClient

from tests.knowledge import LOANS, submit
from tests.loopback.mistral import LoopbackMistral
from tests.loopback.otlp import LoopbackCollector, attributes
from tests.loopback.sentry import LoopbackSentry
from utils import spans
from utils.otlp import OtlpTracing
from utils.telemetry import telemetry_end

_SERVER = """
import asyncio, json, sys
from config.asgi import application
from utils.views import HealthView

told = ("sentry_sdk", "opentelemetry.sdk.trace", "opentelemetry.exporter", "utils.otlp")
print(json.dumps(sorted(name for name in sys.modules if name in told)), flush=True)

def failing(self, request):
    question = request.body.decode()
    raise RuntimeError("It failed with token=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0")

HealthView.get = failing
sent, received = [], [{"type": "http.request", "body": b"my private question", "more_body": False}]
scope = {
    "type": "http", "http_version": "1.1", "method": "GET", "path": "/api/health/", "raw_path": b"/api/health/",
    "query_string": b"q=my+private+question", "root_path": "", "scheme": "http", "client": ("203.0.113.9", 1),
    "server": ("localhost", 80),
    "headers": [(b"host", b"localhost"), (b"x-request-id", b"request-1"), (b"authorization", b"Bearer private-token"),
                (b"traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")],
}
async def receive():
    return received.pop() if received else await asyncio.Future()
async def send(message):
    sent.append(message)
asyncio.run(asyncio.wait_for(application(scope, receive, send), 20))
print(sent[0]["status"], flush=True)
"""


def served(folder: Path, **environment: str) -> tuple[list[str], str]:
    """A server of its own has one request that fails. Which libraries it has loaded, and its log."""
    done = subprocess.run(
        [sys.executable, "-c", _SERVER],
        cwd=django_settings.BASE_DIR,
        env={
            **{name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")},
            "DJANGO_SETTINGS_MODULE": "config.settings.local",
            "DATA_DIR": str(folder),
            "LOG_FORMAT": "json",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    loaded, status = done.stdout.splitlines()
    assert status == "500", done.stderr
    return json.loads(loaded), done.stderr


def test_what_is_off_is_not_imported(tmp_path: Path) -> None:
    loaded, log = served(tmp_path)
    assert loaded == []
    lines = [json.loads(line) for line in log.splitlines()]
    [failure] = [line for line in lines if "exception" in line]
    assert failure["request_id"] == "request-1"
    assert "eyJ" not in log
    assert "trace_id" not in log
    assert [line["status"] for line in lines if line["logger"] == "utils.access"] == [500]


def test_a_failure_is_told_to_sentry_and_to_the_collector_without_what_was_asked(tmp_path: Path) -> None:
    with LoopbackSentry() as sentry, LoopbackCollector() as collector:
        loaded, log = served(tmp_path, SENTRY_DSN=sentry.dsn, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
        assert loaded == ["opentelemetry.exporter", "opentelemetry.sdk.trace", "sentry_sdk", "utils.otlp"]
    [event] = sentry.events
    [failure] = event["exception"]["values"]
    assert (failure["type"], failure["value"]) == ("RuntimeError", "It failed with token=[masked]")
    assert event["tags"]["request_id"] == "request-1"
    assert event["server_name"] == "server"
    assert not {"request", "user", "extra", "breadcrumbs"} & event.keys()
    [span] = collector.spans
    assert span.name == "GET api/health"
    assert span.trace_id.hex() == "0af7651916cd43dd8448eb211c80319c"
    assert span.parent_span_id.hex() == "b7ad6b7169203331"
    assert attributes(span) == {
        "http.request.method": "GET",
        "http.route": "api/health",
        "http.response.status_code": 500,
        "grounded.request_id": "request-1",
    }
    assert collector.resource["service.name"] == "grounded"
    assert collector.resource["grounded.role"] == "server"
    assert "0af7651916cd43dd8448eb211c80319c" in log
    told = "".join(sentry.bodies) + str(collector.spans)
    assert not any(word in told for word in ("private", "203.0.113.9", "eyJ"))


@pytest.fixture
def collector() -> Iterator[LoopbackCollector]:
    with LoopbackCollector() as server:
        spans.turn_on(OtlpTracing(server.url, "grounded", "test"))
        yield server
        telemetry_end()


@pytest.fixture
def mistral(settings: pytest.FixtureRequest) -> Iterator[LoopbackMistral]:
    with LoopbackMistral() as server:
        rag = django_settings.RAG
        settings.RAG = {  # type: ignore[attr-defined]
            **rag,
            "EMBEDDER": "rag.embedders.mistral.MistralEmbedder",
            "GENERATORS": ["rag.generators.mistral.MistralGenerator", *rag["GENERATORS"]],
            "MISTRAL": {**rag["MISTRAL"], "api_key": server.key, "server_url": server.url},
        }
        yield server


def test_stages_and_calls_are_spans_and_providers_are_told_the_trace(
    client: APIClient, editor_client: APIClient, mistral: LoopbackMistral, collector: LoopbackCollector
) -> None:
    submit(editor_client, "Loans", LOANS)
    mistral.requests.clear()
    with spans.span("question"):
        trace = spans.trace_id()
        client.post("/api/chat/messages/", {"content": "How many books may a reader borrow?"})
    telemetry_end()
    whole = [span for span in collector.spans if span.trace_id.hex() == trace]
    names = {span.name for span in whole}
    assert {"question", "embedding", "dense", "closer look", "embedder call", "generator call"} <= names
    by_id = {span.span_id: span.name for span in whole}
    parents = {span.name: by_id.get(span.parent_span_id) for span in whole}
    assert parents["embedder call"] == "embedding"
    assert parents["embedding"] == "question"
    assert {attributes(span)["provider"] for span in whole if span.name == "generator call"} == {"mistral"}
    paths = {request.path: request.headers["traceparent"] for request in mistral.requests}
    assert paths.keys() == {"/v1/embeddings", "/v1/chat/completions"}
    for told in paths.values():
        assert told.startswith(f"00-{trace}-")
    assert "borrow" not in str(collector.spans)


def test_a_collector_that_is_away_holds_nobody_up(collector: LoopbackCollector) -> None:
    collector.stop()
    with spans.span("question"):
        pass
    telemetry_end()
    assert spans.trace_headers() == {}
