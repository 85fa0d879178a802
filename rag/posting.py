"""A request whose answer comes in pieces, on an event loop or without one (utils/waiting.py)."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp
import httpx2

from rag.errors import ProviderError, ProviderRejected, ProviderUnavailable
from rag.http import CONNECT_SECONDS, DeadlineClient, disconnection, refusal
from utils.spans import trace_headers
from utils.waiting import on_a_loop

_sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession] = WeakKeyDictionary()


@cache
def _client() -> DeadlineClient:
    return DeadlineClient()


async def posted(
    *, service: str, url: str, headers: Mapping[str, str], body: Mapping[str, Any], timeout: float
) -> AsyncGenerator[bytes, None]:
    """The answer's body as it comes. ``timeout`` in seconds is for all of it. Closing it closes the connection.

    Raises a ProviderError, also while it is iterated, whose text holds nothing that the service said.
    """
    content = json.dumps(body).encode()
    headers = {**headers, **trace_headers(), "Content-Type": "application/json", "Accept": "text/event-stream"}
    pieces = _awaited if on_a_loop() else _waited_for
    stream = pieces(service, url, headers, content, timeout)
    try:
        async for piece in stream:
            yield piece
    finally:
        await stream.aclose()


async def _waited_for(
    service: str, url: str, headers: Mapping[str, str], content: bytes, timeout: float
) -> AsyncGenerator[bytes, None]:
    try:
        with _client().stream("POST", url, headers=headers, content=content, timeout=timeout) as response:
            if response.status_code != 200:
                raise refusal(service, response.status_code, response.headers)
            for piece in response.iter_bytes():
                yield piece
    except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeEncodeError) as error:
        # The cause is cut off on purpose: it may quote what was sent or said, and a log would show it.
        raise disconnection(service, error) from None


async def _awaited(
    service: str, url: str, headers: Mapping[str, str], content: bytes, timeout: float
) -> AsyncGenerator[bytes, None]:
    limits = aiohttp.ClientTimeout(total=max(0.001, timeout), sock_connect=CONNECT_SECONDS, ceil_threshold=3600)
    try:
        # A redirect is not followed: the key goes to the address that was configured and nowhere else.
        async with _session().post(
            url, headers=headers, data=content, timeout=limits, allow_redirects=False
        ) as response:
            if response.status != 200:
                raise refusal(service, response.status, response.headers)
            async for piece in response.content.iter_any():
                yield piece
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise _failure(service, error) from None


def _failure(service: str, error: Exception) -> ProviderError:
    if isinstance(error, TimeoutError):
        return ProviderUnavailable(f"{service} did not answer in time.")
    if isinstance(error, ValueError):  # what no header can carry, or no address can be
        return ProviderRejected(f"{service} cannot be asked: its address or the API key is not well-formed.")
    return ProviderUnavailable(f"The connection to {service} failed.")


def _session() -> aiohttp.ClientSession:
    """A pool of connections belongs to one event loop."""
    loop = asyncio.get_running_loop()
    session = _sessions.get(loop)
    if session is None or session.closed:
        # Bounded by those who ask, not here; a provider's cookies are nobody's.
        connector = aiohttp.TCPConnector(limit=0)
        session = aiohttp.ClientSession(connector=connector, trust_env=True, cookie_jar=aiohttp.DummyCookieJar())
        _sessions[loop] = session
    return session


async def close() -> None:
    """Close what this loop has open to outside services. For a server that ends."""
    session = _sessions.pop(asyncio.get_running_loop(), None)
    if session:
        await session.close()
