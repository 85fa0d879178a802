"""HTTP to outside services: one time limit for a whole call, and failures told in our own words.

The SDKs of Mistral and of OpenAI both send through an httpx2 client that we give them.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2

from rag.errors import ProviderError, ProviderRejected, ProviderUnavailable, RateLimited
from utils.spans import trace_headers
from utils.waiting import connection_lend

CONNECT_SECONDS = 5.0
_LONGEST_WAIT = 24 * 3600.0


class DeadlineClient(httpx2.Client):
    """Takes a request's read time-out as the limit of the whole call, the body of the answer included.

    Each request must have one. httpx2 itself bounds each wait for more bytes only, so a service that drips could hold
    its caller for ever. Here the clock is read whenever bytes come. Only a service that drips first and then falls
    silent is found out later: at most as many seconds after its last bytes as were left when it began to answer.
    """

    def __init__(self) -> None:
        # A redirect is not followed: the key goes to the address that was configured and nowhere else.
        super().__init__(follow_redirects=False, limits=httpx2.Limits(max_connections=None))

    def send(self, request: httpx2.Request, *, stream: bool = False, **options: Any) -> httpx2.Response:
        connection_lend()
        request.headers.update(trace_headers())
        timeouts = request.extensions["timeout"]
        deadline = time.monotonic() + timeouts["read"]
        timeouts["connect"] = min(timeouts["connect"], CONNECT_SECONDS)
        response = super().send(request, stream=True, **options)
        timeouts["read"] = max(0.001, deadline - time.monotonic())
        response.stream = _Body(response.stream, deadline)
        if not stream:
            try:
                response.read()
            finally:
                response.close()
        return response

    def __del__(self) -> None:
        # The SDKs close only clients of their own making.
        with suppress(Exception):
            self.close()


class _Body(httpx2.SyncByteStream):
    def __init__(self, body: Any, deadline: float) -> None:
        self._body = body
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        pieces: Iterable[bytes] = self._body
        for piece in pieces:
            if time.monotonic() > self._deadline:
                raise httpx2.ReadTimeout("The time for the whole call is over.")
            yield piece

    def close(self) -> None:
        self._body.close()


def refusal(service: str, status: int, headers: Mapping[str, str]) -> ProviderError:
    """What an answer with this HTTP status means, where it is not the one that was asked for."""
    if status == 429:
        return RateLimited(f"{service} asks to come back later.", retry_after=_retry_after(headers))
    if status in (401, 403):
        return ProviderRejected(f"{service} does not accept the API key (HTTP {status}).")
    if status == 408 or status >= 500:
        return ProviderUnavailable(f"{service} failed (HTTP {status}).", retry_after=_retry_after(headers))
    if status >= 300:
        return ProviderRejected(f"{service} refuses the request (HTTP {status}).")
    return garbled(service)


def garbled(service: str) -> ProviderError:
    return ProviderUnavailable(f"{service} gave an answer that cannot be read.")


def disconnection(service: str, error: BaseException | None) -> ProviderError:
    """What a failure below HTTP means."""
    if isinstance(error, httpx2.TimeoutException):
        return ProviderUnavailable(f"{service} did not answer in time.")
    if isinstance(
        error, (httpx2.LocalProtocolError, httpx2.UnsupportedProtocol, httpx2.InvalidURL, UnicodeEncodeError)
    ):
        return ProviderRejected(f"{service} cannot be asked: its address or the API key is not well-formed.")
    return ProviderUnavailable(f"The connection to {service} failed.")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """The wait in seconds that ``Retry-After`` asks for, as a number or as an HTTP date; None if there is none."""
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        return min(float(value), _LONGEST_WAIT)
    try:
        then = parsedate_to_datetime(value)
    except ValueError:
        return None
    wait = (then.replace(tzinfo=then.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(max(0.0, wait), _LONGEST_WAIT)
