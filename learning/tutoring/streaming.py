"""A turn as server-sent events. It runs to its end whoever listens, so that no judgement is lost with a connection."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.utils.encoders import JSONEncoder

from chat.sse import HEADERS, MEDIA_TYPE
from chat.streaming import HEARTBEAT_SECONDS
from learning.tutoring.serializers import ReplySerializer
from learning.tutoring.turns import Event, Replied, Turn, turn_events
from rag.generators.base import Delta
from rag.generators.chain import Restart
from utils.problems import problem_of
from utils.representing import represented

_HEARTBEAT = b": still here\n\n"
_running: set[asyncio.Task[None]] = set()
_GOODBYE = 4.0
EXAMPLE = """event: delta
data: {"text": "That is right. "}

event: delta
data: {"text": "How long does a loan last?"}

event: done
data: {"session_id": "0190…", "ai_message": "That is right. How long …", "topic_completed": false, "timestamp": "…"}
"""


def turn_stream_response(turn: Turn) -> HttpResponseBase:
    """Events while it is answered; of one that was answered before, the last event alone."""
    headers = {**HEADERS, **turn.headers}
    if turn.answer:
        return HttpResponse(_encoded(Replied(turn.answer)), content_type=MEDIA_TYPE, headers=headers)
    return StreamingHttpResponse(_stream(turn), content_type=MEDIA_TYPE, headers=headers)


async def _stream(turn: Turn) -> AsyncGenerator[bytes, None]:
    news: asyncio.Queue[bytes] = asyncio.Queue()
    task = asyncio.create_task(_run(turn, news))
    _running.add(task)  # a loop does not hold its tasks
    task.add_done_callback(_running.discard)
    while True:
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                told = await news.get()
        except TimeoutError:
            yield _HEARTBEAT
            continue
        yield told
        if told.startswith((b"event: done", b"event: error")):
            return


async def _run(turn: Turn, news: asyncio.Queue[bytes]) -> None:
    try:
        async with aclosing(turn_events(turn)) as events:
            async for event in events:
                news.put_nowait(_encoded(event))
    except BaseException as error:  # what is written in Rust may panic, which is no Exception
        news.put_nowait(_event("error", problem_of(error)))
        if isinstance(error, asyncio.CancelledError):
            raise


async def close() -> None:
    """Wait a moment for turns that are under way. For a server that ends."""
    if _running:
        await asyncio.wait(_running, timeout=_GOODBYE)


def _encoded(event: Event) -> bytes:
    match event:
        case Delta(text):
            return _event("delta", {"text": text})
        case Restart():
            return _event("restart", {})
        case Replied(message):
            return _event("done", represented(ReplySerializer, message))


def _event(name: str, body: dict[str, Any]) -> bytes:
    return f"event: {name}\ndata: {json.dumps(body, cls=JSONEncoder, ensure_ascii=False)}\n\n".encode()
