"""What is measured, by name. docs/observability.md says what each tells; whoever measures imports this module.

Labels have few values: a route is a pattern, never an address, and a provider is one that the settings name. Every
metric has labels, so that none opens a file before something is counted (utils/metric_files.py).
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, values

from utils.errors import GroundedError
from utils.metric_files import SharedValue

values.ValueClass = SharedValue  # asked for whenever a metric is made
REGISTRY = CollectorRegistry()
"""Names the metrics; their numbers are in the files of all processes."""

_REQUEST = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_STAGE = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)
_CALL = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60)


def _histogram(name: str, told: str, labels: tuple[str, ...], buckets: tuple[float, ...]) -> Histogram:
    return Histogram(f"grounded_{name}", told, labels, buckets=buckets, registry=REGISTRY)


def _counter(name: str, told: str, labels: tuple[str, ...]) -> Counter:
    return Counter(f"grounded_{name}", told, labels, registry=REGISTRY)


def _gauge(name: str, told: str, labels: tuple[str, ...], among: str) -> Gauge:
    return Gauge(f"grounded_{name}", told, labels, registry=REGISTRY, multiprocess_mode=among)  # type: ignore[arg-type]


requests = _histogram(
    "http_request_seconds", "Until the first byte of the answer's body.", ("route", "method", "status"), _REQUEST
)
streams = _histogram("http_stream_seconds", "Until the last byte of an answer in pieces.", ("route",), _CALL)
streams_open = _gauge("http_streams_open", "Answers in pieces that are under way.", ("route",), "livesum")

stages = _histogram("retrieval_stage_seconds", "A stage of an answer.", ("stage",), _STAGE)
answers = _histogram("answer_seconds", "Whole answers, by how they ended.", ("outcome", "kept"), _CALL)
first_texts = _histogram("answer_first_text_seconds", "Until the first words of an answer.", ("kept",), _CALL)
cache_lookups = _counter("cache_lookups", "What was looked up in the cache.", ("cache", "outcome"))

calls = _histogram("provider_call_seconds", "One call to a provider.", ("kind", "provider", "outcome"), _CALL)
first_words = _histogram("provider_first_text_seconds", "Until a generator's first words.", ("provider",), _CALL)
tokens = _counter("provider_tokens", "Tokens that a provider has counted.", ("kind", "provider", "direction"))
retries = _counter("provider_retries", "Calls that were made once more.", ("kind", "provider"))
breakers = _gauge("breaker_open", "1 where a service is left alone, since it kept failing.", ("service",), "livemax")


last_calls: dict[tuple[str, str], tuple[str, float]] = {}
"""Of this process, by kind and provider: how the last call ended, and when by ``time.perf_counter``."""


def outcome_of(error: BaseException | None) -> str:
    """A label: the error's stable code, ``ok`` without one."""
    if error is None:
        return "ok"
    return error.code.removeprefix("provider_") if isinstance(error, GroundedError) else "error"


@contextmanager
def call_timed(kind: str, provider: str) -> Iterator[None]:
    """Count what is inside as one call to a provider. Not for what is left before it has ended."""
    began = time.perf_counter()
    error: BaseException | None = None
    try:
        yield
    except BaseException as raised:
        error = raised
        raise
    finally:
        ended, outcome = time.perf_counter(), outcome_of(error)
        calls.labels(kind, provider, outcome).observe(ended - began)
        last_calls[kind, provider] = (outcome, ended)
