"""Pinecone's SDK: one attempt a request and a deadline for it, its errors translated, and the making of an index."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import cast

import httpx
from pinecone import Index, Pinecone
from pinecone.errors import (
    ApiError,
    ConflictError,
    NotFoundError,
    PineconeError,
    PineconeTimeoutError,
    PineconeTypeError,
    PineconeValueError,
    ResponseParsingError,
)
from pinecone.models.indexes.index import IndexModel

from rag.errors import ProviderRejected, ProviderUnavailable
from rag.http import CONNECT_SECONDS, garbled, refusal
from rag.retry import retry

SERVICE = "Pinecone"
POLL_SECONDS = 0.5


class _OneAttempt(httpx.BaseTransport):
    """Sends a request once and takes its read time-out as the limit of the whole call, the body included."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        timeouts = dict(request.extensions["timeout"])
        deadline = time.monotonic() + timeouts["read"]
        timeouts["connect"] = min(timeouts["connect"], CONNECT_SECONDS)
        request.extensions = {**request.extensions, "timeout": timeouts}
        response = self._inner.handle_request(request)
        timeouts["read"] = max(0.001, deadline - time.monotonic())
        pieces = []
        try:
            for piece in cast("httpx.SyncByteStream", response.stream):
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout("The time for the whole call is over.", request=request)
                pieces.append(piece)
        finally:
            response.close()
        return httpx.Response(
            response.status_code,
            headers=response.headers,
            stream=httpx.ByteStream(b"".join(pieces)),
            extensions=response.extensions,
        )

    def close(self) -> None:
        self._inner.close()


def connect(settings: Mapping[str, str], timeout: float) -> Index:
    """The index that ``settings.RAG["PINECONE"]`` names. Asks for its address first unless that is configured."""
    host = settings["host"] or _describe(settings, timeout).host
    if not host:
        raise ProviderUnavailable(f"{SERVICE} is still making the index {settings['index']}.")
    index = Index(host=host, api_key=settings["api_key"])
    _send_once(index)
    return index


@contextmanager
def _control_plane(settings: Mapping[str, str], timeout: float) -> Iterator[Pinecone]:
    with Pinecone(settings["api_key"], host=settings["controller_url"] or None, timeout=timeout) as client:
        _send_once(client)
        yield client


def _send_once(client: Index | Pinecone) -> None:
    # The SDK makes four attempts, waits up to 60 seconds before each, and bounds the silence between two bytes only.
    # Its settings reach the control plane at most, so its transport is taken out of what retries.
    http = client._http._client
    http._transport = _OneAttempt(http._transport._transport)  # type: ignore[attr-defined]


def _describe(settings: Mapping[str, str], timeout: float) -> IndexModel:
    with _control_plane(settings, timeout) as client:
        return client.indexes.describe(settings["index"])


@contextmanager
def translated(settings: Mapping[str, str], dimensions: int) -> Iterator[None]:
    """Raises what the SDK raises as a ProviderError, whose text holds nothing that Pinecone said.

    The cause is cut off on purpose: the SDK's texts quote the raw reply, and a traceback in the log would show it.
    """
    name = settings["index"]
    try:
        yield
    except NotFoundError:
        raise ProviderRejected(
            f"{SERVICE} has no index {name} (PINECONE_INDEX). `manage.py create_index` makes it."
        ) from None
    except ApiError as error:
        if error.status_code == 400 and "dimension" in error.message.lower():
            raise ProviderRejected(
                f"The {SERVICE} index {name} does not take vectors of length {dimensions}. Name another index in "
                "PINECONE_INDEX and make it with `manage.py create_index`."
            ) from None
        raise refusal(SERVICE, error.status_code, error.headers or {}) from None
    except (PineconeValueError, PineconeTypeError, httpx.InvalidURL):
        raise ProviderRejected(
            f"{SERVICE} cannot be asked: an id, the address or the API key is not well-formed."
        ) from None
    except ResponseParsingError:
        raise garbled(SERVICE) from None
    except (PineconeTimeoutError, httpx.TimeoutException):
        raise ProviderUnavailable(f"{SERVICE} did not answer in time.") from None
    except (PineconeError, httpx.HTTPError):
        raise ProviderUnavailable(f"The connection to {SERVICE} failed.") from None


def index_create(settings: Mapping[str, str], dimensions: int, *, timeout: float, wait: float) -> bool:
    """Make the index that ``settings.RAG["PINECONE"]`` names and wait until it is ready; False if it was there already.

    ``timeout`` is the total for one request, ``wait`` that for becoming ready, in seconds. Raises ProviderRejected if
    the index that is there takes other vectors, and ProviderError.
    """
    name = settings["index"]

    def create(seconds: float) -> bool:
        with translated(settings, dimensions), _control_plane(settings, seconds) as client:
            if client.indexes.exists(name):
                return False
            try:
                client.indexes.create(
                    name=name,
                    dimension=dimensions,
                    metric="cosine",
                    deployment={
                        "deployment_type": "managed",
                        "cloud": settings["cloud"],
                        "region": settings["region"],
                    },
                    timeout=-1,  # do not wait here
                )
            except ConflictError:  # somebody else was quicker
                return False
            return True

    def describe(seconds: float) -> IndexModel:
        with translated(settings, dimensions):
            return _describe(settings, seconds)

    made = retry(create, timeout=timeout, kind="store", provider="pinecone")
    deadline = time.monotonic() + wait
    while not (index := retry(describe, timeout=timeout, kind="store", provider="pinecone")).status.ready:
        if time.monotonic() >= deadline:
            raise ProviderUnavailable(
                f"The index {name} is not ready after {wait:g} seconds. Run this again later to look."
            )
        time.sleep(POLL_SECONDS)
    if (index.dimension, index.metric) != (dimensions, "cosine"):
        raise ProviderRejected(
            f"The index {name} is there, but it takes vectors of length {index.dimension} with the metric "
            f"{index.metric}; the embedder makes vectors of length {dimensions}, for cosine. Name another index in "
            "PINECONE_INDEX and run this again, or delete the old one if nothing else uses it."
        )
    return made
