"""Spans for OpenTelemetry, where it is turned on (utils/telemetry.py); else next to nothing, and nothing is imported.

What is told of a span is chosen here and by those who call: no texts, no addresses, and of an error its kind alone. The
provider of spans is our own, not the process's: libraries would tell it what they send.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span


class Tracing(Protocol):
    def begin(self, name: str, attributes: Mapping[str, Any], parent: "Context | None", *, served: bool) -> "Span": ...

    def current(self, span: "Span") -> Any: ...

    def fail(self, span: "Span", kind: str) -> None: ...

    def told(self, headers: Mapping[str, str]) -> "Context": ...

    def telling(self) -> dict[str, str]: ...

    def trace_id(self) -> str: ...


tracing: Tracing | None = None


def turn_on(made: Tracing | None) -> None:
    global tracing
    tracing = made


@contextmanager
def span(name: str, **attributes: str | int) -> Iterator["Span | None"]:
    """What is inside, and what is called from there."""
    if tracing is None:
        yield None
        return
    made = tracing.begin(name, attributes, None, served=False)
    with tracing.current(made), _ended(made):
        yield made


@contextmanager
def span_of_generator(name: str, **attributes: str | int) -> Iterator["Span | None"]:
    """The same for what yields: whoever is handed what it yields is not within the span."""
    if tracing is None:
        yield None
        return
    made = tracing.begin(name, attributes, None, served=False)
    with _ended(made):
        yield made


@contextmanager
def span_of_request(headers: Mapping[str, str], **attributes: str) -> Iterator["Span | None"]:
    """A request, which goes on with the trace that its headers name."""
    if tracing is None:
        yield None
        return
    made = tracing.begin("request", attributes, tracing.told(headers), served=True)
    with tracing.current(made), _ended(made):
        yield made


@contextmanager
def _ended(made: "Span") -> Iterator[None]:
    try:
        yield
    except (GeneratorExit, StopIteration):
        raise
    except BaseException as error:
        if tracing:
            tracing.fail(made, type(error).__name__)
        raise
    finally:
        made.end()


def trace_headers() -> dict[str, str]:
    """What to send to a service so that it goes on with this trace."""
    return tracing.telling() if tracing else {}


def trace_id() -> str:
    return tracing.trace_id() if tracing else ""
