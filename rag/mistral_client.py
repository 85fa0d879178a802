"""Mistral's SDK: the client and the translation of its errors, for the embedder and the generator alike."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx2
from mistralai.client import Mistral
from mistralai.client.errors import MistralError, NoResponseError

from rag.http import DeadlineClient, disconnection, garbled, refusal

SERVICE = "Mistral"


def connect(config: Mapping[str, str]) -> Mistral:
    """A client from ``settings.RAG["MISTRAL"]``, not connected yet. Never retries; each call needs a ``timeout_ms``."""
    return Mistral(
        api_key=config["api_key"],
        server_url=config["server_url"] or None,
        client=DeadlineClient(),
        # Never used. The SDK would make one that costs a second set of TLS certificates and an event loop at exit.
        async_client=httpx2.AsyncClient(transport=httpx2.MockTransport(lambda request: httpx2.Response(501))),
    )


@contextmanager
def translated() -> Iterator[None]:
    """Raises what the SDK raises as a ProviderError, whose text holds nothing that Mistral said.

    The cause is cut off on purpose: the SDK's texts may quote the raw reply, and a traceback in the log would show it.
    """
    try:
        yield
    except MistralError as error:
        raise refusal(SERVICE, error.status_code, error.headers) from None
    except (httpx2.HTTPError, httpx2.InvalidURL, NoResponseError, UnicodeEncodeError) as error:
        raise disconnection(SERVICE, error) from None
    except UnicodeDecodeError:
        raise garbled(SERVICE) from None
