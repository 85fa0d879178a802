"""Answers out of chat completions that are streamed, whose form Mistral and the OpenAI-compatible servers share.

Events are read here, not by an SDK: those make an object of several classes for each word.
"""

import json
import logging
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing
from typing import Any

from rag.errors import ProviderRejected, ProviderUnavailable, StreamTruncated
from rag.generators.base import Call, Delta, Finish, Prompt
from rag.http import garbled
from rag.posting import posted

logger = logging.getLogger(__name__)
_MOST_HELD = 1 << 20
"""Bytes of one event. Who sends more without an end sends no answer."""
_MOST_CALLS = 16
_MOST_ARGUMENTS = 64 * 1024
"""Of one answer. Who asks for more is not listened to."""


def wishes(prompt: Prompt) -> dict[str, Any]:
    """The parts of a request that ask for a form of the answer, and offer the prompt's tools."""
    form = {"response_format": {"type": "json_object"}} if prompt.form == "json" else {}
    return {**form, **_offer(prompt)}


def _offer(prompt: Prompt) -> dict[str, Any]:
    if not prompt.tools:
        return {}
    functions = [
        {"name": tool.name, "description": tool.description, "parameters": tool.parameters} for tool in prompt.tools
    ]
    return {
        "tools": [{"type": "function", "function": function} for function in functions],
        "tool_choice": "auto" if prompt.may_call else "none",
    }


async def completed(
    *, service: str, url: str, key: str, request: Mapping[str, Any], timeout: float
) -> AsyncGenerator[Delta | Call | Finish, None]:
    """The deltas, the calls and the Finish. ``url`` is that of the API, ``request`` is sent as it is, to be streamed.

    Raises StreamTruncated if the stream ends without a finish reason, and another ProviderError if the reason is not
    that the answer is written. An answer that reached the model's limit of length is taken as it is.
    """
    reading = _Reading(service, str(request["model"]), may_call=request.get("tool_choice") == "auto")
    pieces = posted(
        service=service,
        url=f"{url.rstrip('/')}/chat/completions",
        headers={"Authorization": f"Bearer {key}"},
        body={**request, "stream": True},
        timeout=timeout,
    )
    events = EventReader(service)
    async with aclosing(pieces):
        async for piece in pieces:
            for data in events.feed(piece):
                if text := reading.take(data):
                    yield Delta(text)
    finish = reading.finish()
    for call in reading.calls():
        yield call
    yield finish


class EventReader:
    """The data of server-sent events, from bytes as they come."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._held = b""
        self._data: list[bytes] = []

    def feed(self, piece: bytes) -> Iterator[bytes]:
        *lines, self._held = (self._held + piece).split(b"\n")
        if len(self._held) > _MOST_HELD:
            raise garbled(self._service)
        for line in lines:
            line = line.removesuffix(b"\r")
            if line.startswith(b"data:"):
                self._data.append(line[5:].removeprefix(b" "))
            elif not line and self._data:
                data, self._data = b"\n".join(self._data), []
                yield data


class _Reading:
    """What the chunks of one completion say. What a server left out of them is forgiven."""

    def __init__(self, service: str, model: str, *, may_call: bool) -> None:
        self._service, self._model, self._may_call = service, model, may_call
        self._calls: dict[int, dict[str, str]] = {}
        self._reason: str | None = None
        self._usage: Mapping[str, Any] = {}
        self._written = False

    def take(self, data: bytes) -> str:
        """The text that a chunk adds."""
        if data.strip() == b"[DONE]":
            return ""
        try:
            chunk = json.loads(data)
            self._model = chunk.get("model") or self._model
            self._usage = chunk.get("usage") or self._usage
            text = ""
            for choice in chunk.get("choices") or ():
                delta = choice.get("delta") or {}
                text += _text(delta.get("content"))
                self._ask(delta.get("tool_calls") or ())
                self._reason = choice.get("finish_reason") or self._reason
        except (ValueError, AttributeError, TypeError, RecursionError):
            raise garbled(self._service) from None
        self._written |= bool(text)
        return text

    def _ask(self, parts: Any) -> None:
        """A call comes in parts, which its number holds together."""
        if not self._may_call:
            return
        for part in parts:
            number = part.get("index")
            number = number if isinstance(number, int) else len(self._calls)
            call = self._calls.setdefault(number, {"name": "", "arguments": ""})
            function = part.get("function") or {}
            arguments = function.get("arguments") or ""
            call["name"] += str(function.get("name") or "")
            call["arguments"] += arguments if isinstance(arguments, str) else json.dumps(arguments)
        held = sum(len(call["name"]) + len(call["arguments"]) for call in self._calls.values())
        if len(self._calls) > _MOST_CALLS or held > _MOST_ARGUMENTS:
            raise garbled(self._service)

    def calls(self) -> list[Call]:
        return [Call(call["name"], call["arguments"]) for _, call in sorted(self._calls.items())]

    def finish(self) -> Finish:
        if self._reason is None:
            raise StreamTruncated(f"{self._service} broke off in the middle of its answer.")
        if self._reason == "content_filter":
            raise ProviderRejected(f"{self._service} withheld the answer (content filter).")
        asked = bool(self._calls)
        if self._reason == "error" or (self._reason == "tool_calls" and not asked) or not (self._written or asked):
            raise ProviderUnavailable(f"{self._service} ended without an answer.")
        if self._reason not in ("stop", "tool_calls"):
            logger.warning("%s ended its answer early: %s", self._service, self._reason)
        return Finish(str(self._model), self._tokens("prompt_tokens"), self._tokens("completion_tokens"))

    def _tokens(self, name: str) -> int:
        count = self._usage.get(name) if isinstance(self._usage, Mapping) else 0
        return count if isinstance(count, int) else 0


def _text(content: Any) -> str:
    """A delta's text. Models that think aloud send a list of parts, of which only the text is the answer."""
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if part.get("type") == "text")
    return content if isinstance(content, str) else ""
