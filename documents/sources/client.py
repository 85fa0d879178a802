"""Pages over HTTP for a reader of the web: guarded addresses, redirects by hand, bounds on size and time."""

import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import httpcore2
import httpx2

from documents.sources.addresses import addresses_checked, port_of, url_check
from documents.sources.errors import SourceLimit, SourceUnavailable

USER_AGENT = "Grounded"
_AGENT_HEADER = f"Mozilla/5.0 (compatible; {USER_AGENT}/1.0)"
CONNECT_SECONDS = 10.0
PAGE_SECONDS = 30.0
"""Within which a page is there in whole, its redirects included."""
MAX_REDIRECTS = 5
_MOST_BYTES = 20_000_000
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Answer:
    url: httpx2.URL
    """Where the redirects led."""
    status: int
    headers: httpx2.Headers
    data: bytes = b""


class WebClient:
    """Asks for one page after the other. Use as a context manager, in one thread."""

    def __init__(self) -> None:
        self._clock = _Clock()
        # What the environment says of proxies is left alone: a proxy would look names up by itself, unguarded.
        self._pool = httpcore2.ConnectionPool(
            network_backend=_GuardedBackend(self._clock), max_connections=4, keepalive_expiry=30
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    def get(
        self,
        url: httpx2.URL,
        *,
        headers: Callable[[httpx2.URL], Mapping[str, str]] = lambda _: {},
        follow: Callable[[httpx2.URL], bool] = lambda _: True,
        most_bytes: int = _MOST_BYTES,
    ) -> Answer:
        """The answer at the end of the redirects, or a redirect that ``follow`` does not want.

        ``headers`` are for one URL each, so that a condition goes with the page that it is about. Raises
        AddressRefused, SourceUnavailable, and SourceLimit where the page is too large.
        """
        self._clock.start(PAGE_SECONDS)
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._ask(url, headers(url), most_bytes)
            if answer.status not in _REDIRECTS or "location" not in answer.headers:
                return answer
            try:
                url = without_fragment(url.join(answer.headers["location"]))
            except (httpx2.InvalidURL, ValueError):
                raise SourceUnavailable(f"{url} redirects to an address that is not well-formed.") from None
            url_check(url)
            if not follow(url):
                return Answer(url, answer.status, answer.headers)
        raise SourceUnavailable(f"{url} redirects too often.")

    def _ask(self, url: httpx2.URL, headers: Mapping[str, str], most_bytes: int) -> Answer:
        url_check(url)
        sent = {
            "Host": url.netloc.decode("ascii"),
            "User-Agent": _AGENT_HEADER,
            "Accept": "*/*",
            "Accept-Encoding": "gzip",
            **headers,
        }
        target = httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=port_of(url), target=url.raw_path or b"/")
        timeouts = {"connect": CONNECT_SECONDS, "read": PAGE_SECONDS, "write": PAGE_SECONDS, "pool": PAGE_SECONDS}
        try:
            with self._pool.stream(
                "GET", target, headers=list(sent.items()), extensions={"timeout": timeouts}
            ) as response:
                found = httpx2.Headers(response.headers)
                data = b"" if response.status != 200 else _body(response.iter_stream(), found, most_bytes)
                return Answer(url, response.status, found, data)
        except (httpcore2.TimeoutException, _TimeOver):
            raise SourceUnavailable(f"{url.host} did not answer in time.") from None
        except httpcore2.ConnectError as error:
            if "certificate" in str(error).lower():
                raise SourceUnavailable(f"The certificate of {url.host} is not to be trusted.") from None
            raise SourceUnavailable(f"No connection to {url.host} could be made.") from None
        except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.UnsupportedProtocol):
            raise SourceUnavailable(f"The connection to {url.host} failed.") from None


def without_fragment(url: httpx2.URL) -> httpx2.URL:
    return url.copy_with(fragment=None)


def _body(pieces: Iterable[bytes], headers: httpx2.Headers, most_bytes: int) -> bytes:
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("gzip", "x-gzip"):
        pieces = unzipped(pieces, most_bytes)
    elif encoding != "identity":
        raise SourceUnavailable(f"The page is encoded as {encoding[:20]!r}, which was not asked for.")
    found = bytearray()
    for piece in pieces:
        found += piece
        if len(found) > most_bytes:
            raise SourceLimit(f"The page is larger than {most_bytes // 1_000_000} MB.")
    return bytes(found)


def unzipped(pieces: Iterable[bytes], most_bytes: int) -> Iterator[bytes]:
    """Gunzip, at most a little more than ``most_bytes``: a small file may hold endless zeros."""
    stream = zlib.decompressobj(wbits=31)
    try:
        for piece in pieces:
            yield stream.decompress(piece, most_bytes + 1)
            if stream.unconsumed_tail:
                raise SourceLimit(f"The page is larger than {most_bytes // 1_000_000} MB.")
    except zlib.error:
        raise SourceUnavailable("The page is packed as gzip and damaged.") from None
    if not stream.eof:
        raise SourceUnavailable("The page is packed as gzip and incomplete.")


class _TimeOver(Exception):
    pass


class _Clock:
    """What is left of the time for a page. httpcore itself bounds each wait for more bytes only."""

    def start(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self, timeout: float | None) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise _TimeOver
        return left if timeout is None else min(left, timeout)


class _GuardedBackend(httpcore2.NetworkBackend):
    """Connects to an address that was checked, and to no other: nobody looks the name up again."""

    def __init__(self, clock: _Clock) -> None:
        self._clock = clock
        self._sockets = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        error: Exception | None = None
        for address in addresses_checked(host, port):
            try:
                stream = self._sockets.connect_tcp(address, port, self._clock.left(timeout), None, socket_options)
                return _TimedStream(stream, self._clock)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as failed:
                error = failed
        raise error or SourceUnavailable(f"{host} has no address.")


class _TimedStream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream, clock: _Clock) -> None:
        self._stream = stream
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._clock.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._clock.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(self, *args: Any, **options: Any) -> httpcore2.NetworkStream:
        return _TimedStream(self._stream.start_tls(*args, **options), self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
