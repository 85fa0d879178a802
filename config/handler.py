"""Django's ASGI handler, for answers that stay open for as long as a model writes."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from typing import Any

from asgiref.sync import SyncToAsync, sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.db import connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from chat import sse, streaming
from rag import posting
from rag.timing import watched
from utils.access import KEY, Access
from utils.body_limits import bounded
from utils.spans import span_of_request, trace_id
from utils.waiting import serving

_BEGINNINGS = 32
"""So many streams are begun at a time: each takes a thread until its first bytes are sent."""


class Handler(ASGIHandler):
    def __init__(self) -> None:
        super().__init__()
        self._beginnings = asyncio.Semaphore(_BEGINNINGS)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
        else:
            await self._followed(scope, bounded(scope, receive), send)

    async def _followed(self, scope: Any, receive: Any, send: Any) -> None:
        """From its beginning to the last byte of its answer."""
        access = scope[KEY] = Access(scope["method"])

        async def sent(message: Any) -> None:
            access.sent(message)
            await send(message)

        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        with serving(), watched(time.perf_counter) as watch, span_of_request(headers) as span:
            access.trace_id = trace_id()
            try:
                await super().__call__(scope, receive, sent)
            finally:
                access.ended(watch.spent)
                if span:
                    span.update_name(f"{access.method} {access.route}")
                    span.set_attributes(access.attributes)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        async with self._beginnings if _asks_for_events(request) else nullcontext():
            response = await super().get_response_async(request)
            request.scope[KEY].answered(request, response)  # type: ignore[attr-defined] # it is an ASGIRequest
            if getattr(response, "is_async", False):
                await _thread_return()
            return response


def _asks_for_events(request: HttpRequest) -> bool:
    """Who takes JSON as well gets that, and clients of /v1/ say it in the body: they take their turn with the rest."""
    accepted = request.headers.get("Accept", "")
    return sse.MEDIA_TYPE in accepted and "application/json" not in accepted


async def _thread_return() -> None:
    """Django keeps a thread, and the thread its database connection, until a response is sent whole. A stream that
    waits for a model needs neither; what it has to ask of the database later goes to the threads that all share.
    """
    await sync_to_async(connections.close_all)()
    context = SyncToAsync.thread_sensitive_context.get(None)
    thread: Any = SyncToAsync.context_to_thread_executor.pop(context, None) if context else None
    if thread:
        thread.shutdown(wait=False)


async def _live(receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
    """The server begins and ends: what is written then is saved as it is."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.shutdown":
            await streaming.close()
            await posting.close()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
