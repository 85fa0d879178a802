"""Django's ASGI handler, for a product whose views are synchronous and whose answers stay open while a model writes.

Django's own passes a request between the loop and threads for each middleware, and starts a thread for each request.
Here a request goes to a thread once, and comes back as a response.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from functools import partial
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.signals import request_started
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

from chat import sse, streaming
from learning.tutoring import streaming as tutoring
from rag import posting
from rag.timing import watched
from utils.access import KEY, Access
from utils.body_limits import UNREAD, bounded
from utils.request_id import request_id_adopt
from utils.spans import span_of_request, trace_id
from utils.waiting import apart, held, in_thread, serving

_BEGINNINGS = 32
"""So many streams are begun at a time: each takes a thread until its first bytes are sent."""
_THREADS = 1000
"""Of a process, at most. Who asks for JSON waits in one until the answer is written."""


class Handler(ASGIHandler):
    def __init__(self) -> None:
        super().__init__()
        self.load_middleware()  # as a chain of synchronous ones, instead of that with which Django begins
        self._beginnings = asyncio.Semaphore(_BEGINNINGS)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="request")

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
                await self.handle(scope, receive, sent)
            finally:
                access.ended(watch.spent)
                if span:
                    span.update_name(f"{access.method} {access.route}")
                    span.set_attributes(access.attributes)

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        body: Any = BytesIO()
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        except OSError as error:
            scope[UNREAD] = error
        set_script_prefix(get_script_prefix(scope))
        request, refused = self.create_request(scope, body)
        leaving = asyncio.create_task(_left(receive))
        try:
            response: Any = await self.run_get_response(request) if request else refused
            request_id_adopt(response)
            if not leaving.done():
                await _first(leaving, asyncio.create_task(self.send_response(response, send)))
            if response.streaming:
                await apart(response.close)
        finally:
            leaving.cancel()
            body.close()

    async def read_body(self, receive: Any) -> IO[bytes]:
        """Raises RequestAborted, and OSError where a body is so large that it is kept on a disk that is full."""
        body = SpooledTemporaryFile(max_size=settings.FILE_UPLOAD_MAX_MEMORY_SIZE)  # noqa: SIM115 - the request closes it
        try:
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise RequestAborted
                body.write(message.get("body", b""))
                more = message.get("more_body", False)
            body.seek(0)
        except BaseException:
            body.close()
            raise
        return cast("IO[bytes]", body)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """What has begun in a thread runs to its end there, also where nobody waits for it any more."""
        async with self._beginnings if _asks_for_events(request) else nullcontext():
            answering = held(in_thread(self._threads, partial(self._answered, request)))
            try:
                return await asyncio.shield(answering)
            except asyncio.CancelledError:
                answering.add_done_callback(_unwanted)
                raise

    def _answered(self, request: HttpRequest) -> HttpResponseBase:
        request_started.send(sender=type(self), scope=request.scope)  # type: ignore[attr-defined] # it is an ASGIRequest
        response = self.get_response(request)
        request.scope[KEY].answered(request, response)  # type: ignore[attr-defined]
        if not isinstance(response, StreamingHttpResponse):
            response.close()  # its bytes are there
        elif not response.is_async:
            response.streaming_content = self._read(cast("Iterable[bytes]", response.streaming_content))
        return response

    async def _read(self, content: Iterable[bytes]) -> AsyncGenerator[bytes, None]:
        """What comes out of a file or of the database, by one thread."""
        pieces: list[bytes] = await in_thread(self._threads, partial(list, content))
        for piece in pieces:
            yield piece


def _unwanted(answering: asyncio.Task[HttpResponseBase]) -> None:
    """The client left long before there was a response, which is to be closed all the same."""
    if not answering.cancelled() and not answering.exception():
        held(apart(answering.result().close))


async def _left(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _first(leaving: asyncio.Task[None], sending: asyncio.Task[None]) -> None:
    """Send it, for as long as somebody is there. A stream whose listener leaves is told so by being cancelled."""
    await asyncio.wait((leaving, sending), return_when=asyncio.FIRST_COMPLETED)
    if not sending.done():
        sending.cancel()
    with suppress(asyncio.CancelledError):
        await sending


def _asks_for_events(request: HttpRequest) -> bool:
    """Who takes JSON as well gets that, and clients of /v1/ say it in the body: they take their turn with the rest."""
    accepted = request.headers.get("Accept", "")
    events = sse.MEDIA_TYPE in accepted and "application/json" not in accepted
    return events and not request.path.startswith("/v1/")


async def _live(receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
    """The server begins and ends: what is written then is saved as it is."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.shutdown":
            await streaming.close()
            await tutoring.close()
            await posting.close()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
