"""Answers as server-sent events."""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder

from chat.beginning import Exchange
from chat.models import Message, Status
from chat.serializers import CitationSerializer, MessageSerializer
from chat.streaming import Ended, exchange_stream
from chat.writing import Writing, citations_of
from rag.answering import Done, Event, Sources
from rag.generators.base import Delta
from rag.generators.chain import Restart
from utils.errors import GroundedError, StorageFull, Unavailable
from utils.outages import outlasted
from utils.problems import problem_of
from utils.representing import all_represented, represented
from utils.waiting import apart

MEDIA_TYPE = "text/event-stream"
# The connection ends with the stream: a server that ended meanwhile would close it without having said so.
HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no", "Connection": "close"}
_HEARTBEAT = b": still here\n\n"
EXAMPLE = """event: sources
data: {"message_id": "0190…", "session_id": "0190…", "user_message": {…}, "sources": [{"marker": 1, …}]}

event: delta
data: {"text": "A reader may borrow"}

event: delta
data: {"text": " up to seven books [1]."}

event: done
data: {"id": "0190…", "content": "A reader may borrow up to seven books [1].", "status": "complete", …}
"""


class EventStreamRenderer(JSONRenderer):
    """Lets a client ask for events. What is rendered by it is a problem met before the first of them, as JSON."""

    media_type = MEDIA_TYPE
    format = "events"


def event_stream_response(exchange: Exchange) -> HttpResponseBase:
    """Events while it is answered; of one that was answered before, the last event alone."""
    headers = {**HEADERS, **exchange.headers}
    if exchange.ended:
        told = _encoded(exchange, [Ended(exchange.answer, None)])
        return HttpResponse(told, content_type=MEDIA_TYPE, headers=headers)
    return StreamingHttpResponse(_Events(exchange), content_type=MEDIA_TYPE, headers=headers)


class _Events:
    """The body of a stream. The answer is written once the first of it is asked for."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._begun = False

    def close(self) -> None:
        """Where the listener left before that, nobody else would end the answer."""
        if not self._begun:
            Writing(self._exchange).finish(Status.STOPPED)

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        self._begun = True
        exchange = self._exchange
        async with aclosing(exchange_stream(exchange)) as stream:
            async for news in stream:
                if not news:
                    yield _HEARTBEAT
                elif all(isinstance(event, Delta) for event in news):
                    yield _encoded(exchange, news)
                else:  # the others may read what they hold from the database
                    yield await apart(outlasted, partial(_encoded_anew, exchange, news))


def _encoded_anew(exchange: Exchange, news: Sequence[Event | Ended], _: bool) -> bytes:
    return _encoded(exchange, news)


def _encoded(exchange: Exchange, news: Sequence[Event | Ended]) -> bytes:
    """The events, with deltas that come together put together."""
    parts: list[bytes] = []
    text = ""
    for event in news:
        if isinstance(event, Delta):
            text += event.text
            continue
        if text:
            parts.append(_event("delta", {"text": text}))
            text = ""
        if not isinstance(event, Done):  # it is told once it is saved
            parts.append(_event(*_body(exchange, event)))
    if text:
        parts.append(_event("delta", {"text": text}))
    return b"".join(parts)


def _body(exchange: Exchange, event: Sources | Restart | Ended) -> tuple[str, dict[str, Any]]:
    match event:
        case Sources(sources):
            answer = exchange.answer
            return "sources", {
                "message_id": answer.pk,
                "session_id": answer.session_id,
                **exchange.told,
                "user_message": represented(MessageSerializer, exchange.question),
                "sources": all_represented(CitationSerializer, citations_of(answer, dict(enumerate(sources, start=1)))),
            }
        case Restart():
            return "restart", {}
        case Ended(message, error):
            if error or message.status == Status.FAILED:
                return "error", {
                    **problem_of(error or _failure(message)),
                    "message_id": message.pk,
                    "content": message.content,
                    **exchange.told,
                }
            return "done", represented(MessageSerializer, message)


def _failure(message: Message) -> GroundedError:
    """Of an answer that failed before, or whose server is gone: the code is what is left of it."""
    code = message.metadata.get("error", GroundedError.code)
    kind = next((known for known in (GroundedError, StorageFull) if known.code == code), Unavailable)
    return kind("This question was not answered when it was asked. Ask it under another Idempotency-Key.", code=code)


def _event(name: str, body: dict[str, Any]) -> bytes:
    return f"event: {name}\ndata: {json.dumps(body, cls=JSONEncoder, ensure_ascii=False)}\n\n".encode()
