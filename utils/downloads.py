"""A file as a response, a piece at a time, under ASGI too.

Django reads a synchronous stream whole before it sends any of it on an event loop, and an asynchronous one whole
without a loop; so which of the two is made goes by the request.
"""

from collections.abc import AsyncIterator, Iterator
from typing import IO

from django.core.handlers.asgi import ASGIRequest
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from rest_framework.request import Request

from utils.waiting import apart

_PIECE = 1 << 18


def file_response(request: Request, file: IO[bytes], *, name: str, content_type: str) -> StreamingHttpResponse:
    """Closes the file when it has been sent, or its reader has gone."""
    pieces = _awaited(file) if isinstance(request._request, ASGIRequest) else _read(file)
    disposition = content_disposition_header(True, name) or "attachment"
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return StreamingHttpResponse(pieces, content_type=content_type, headers=headers)


def _read(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


async def _awaited(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while piece := await apart(file.read, _PIECE):
            yield piece
