"""How much of a request is taken in: Django's handler writes a body to disk whole before anybody looks at it.

What is too large is not read to its end. The request goes on without a body and is refused by a middleware, so that the
answer has the headers of every other.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from utils.problems import too_large

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
_MARK = "grounded.too_large"
UNREAD = "grounded.unread"
"""In a request's scope: why its body could not be taken in."""
_NO_BODY: Message = {"type": "http.request", "body": b"", "more_body": False}


def bounded(scope: Message, receive: Receive) -> Receive:
    """``receive`` of an ASGI request, up to the size that its address takes; what is larger is marked in ``scope``."""
    headers: Mapping[bytes, bytes] = dict(scope["headers"])
    most = _most(scope["path"], headers.get(b"content-type", b""))
    length = headers.get(b"content-length", b"0")
    scope[_MARK] = not length.isdigit() or int(length[:20]) > most
    read = 0
    begun = False

    async def limited() -> Message:
        nonlocal read, begun
        if scope[_MARK]:
            if begun:
                await asyncio.Future()  # until the answer is sent; to ask for more would be to take it
            begun = True
            return _NO_BODY
        message = await receive()
        read += len(message.get("body", b""))
        if read > most:
            scope[_MARK] = begun = True
            return _NO_BODY
        return message

    return limited


def _most(path: str, content_type: bytes) -> int:
    if content_type.lower().startswith(b"multipart/") and path.startswith(settings.UPLOAD_PATHS):
        return int(settings.UPLOAD_MAX_BYTES)
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


class BodyLimitMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        scope = getattr(request, "scope", {})
        if error := scope.get(UNREAD):
            raise error
        if scope.get(_MARK):
            response = too_large(request)
            response["Connection"] = "close"  # with the rest of the body still under way
            return response
        return self.get_response(request)
