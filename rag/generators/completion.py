"""Answers out of chat completion chunks, whose shape Mistral and the OpenAI-compatible servers share."""

import logging
from collections.abc import Iterable, Iterator
from typing import Any

from rag.errors import ProviderRejected, ProviderUnavailable, StreamTruncated
from rag.generators.base import Delta, Finish

logger = logging.getLogger(__name__)


def read(chunks: Iterable[Any], *, service: str, model: str) -> Iterator[Delta | Finish]:
    """The deltas and the Finish. ``chunks`` are the SDK's objects; what a server left out of them is forgiven.

    Raises StreamTruncated if they end without a finish reason, and another ProviderError if the reason is not that the
    answer is written. An answer that reached the model's limit of length is taken as it is.
    """
    reason = usage = None
    written = False
    for chunk in chunks:
        model = getattr(chunk, "model", None) or model
        usage = getattr(chunk, "usage", None) or usage
        for choice in getattr(chunk, "choices", None) or ():
            text = _text(getattr(choice.delta, "content", None))
            if text:
                written = True
                yield Delta(text)
            reason = choice.finish_reason or reason
    if reason is None:
        raise StreamTruncated(f"{service} broke off in the middle of its answer.")
    if reason == "content_filter":
        raise ProviderRejected(f"{service} withheld the answer (content filter).")
    if reason in ("error", "tool_calls") or not written:
        raise ProviderUnavailable(f"{service} ended without an answer.")
    if reason != "stop":
        logger.warning("%s ended its answer early: %s", service, reason)
    yield Finish(model, getattr(usage, "prompt_tokens", 0) or 0, getattr(usage, "completion_tokens", 0) or 0)


def _text(content: Any) -> str:
    """A delta's text. Models that think aloud send a list of parts, of which only the text is the answer."""
    if isinstance(content, list):
        return "".join(part.text for part in content if getattr(part, "type", None) == "text")
    return content if isinstance(content, str) else ""
