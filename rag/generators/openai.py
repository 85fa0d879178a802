"""Answers written by a model behind an OpenAI-compatible server."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Self

import httpx2
from openai import APIConnectionError, APIStatusError, OpenAI, OpenAIError

from rag.generators import completion
from rag.generators.base import Delta, Finish, Generator, Prompt
from rag.http import DeadlineClient, disconnection, garbled, refusal
from rag.prompts import messages

SERVICE = "The OpenAI-compatible server"


class OpenAIGenerator(Generator):
    name = "openai"

    def __init__(self, config: Mapping[str, str]) -> None:
        """``config`` is ``settings.RAG["OPENAI"]``."""
        self._config = config

    @classmethod
    def from_settings(cls, config: Mapping[str, Any]) -> Self:
        return cls(config["OPENAI"])

    def stream(self, prompt: Prompt, *, timeout: float) -> Iterator[Delta | Finish]:
        model = self._config["model"]
        # No temperature: some models take no other than their own.
        request: dict[str, Any] = {"model": model, "messages": messages(prompt), "stream": True}
        request["stream_options"] = {"include_usage": True}
        with _translated(), self._client.chat.completions.create(**request, timeout=timeout) as chunks:
            yield from completion.read(chunks, service=SERVICE, model=model)

    @cached_property
    def _client(self) -> OpenAI:
        return OpenAI(
            api_key=self._config["api_key"] or "none",  # the SDK wants one, local servers do not
            base_url=self._config["base_url"],
            max_retries=0,
            http_client=DeadlineClient(),
        )


@contextmanager
def _translated() -> Iterator[None]:
    """Raises what the SDK raises as a ProviderError, whose text holds nothing that the server said.

    The cause is cut off on purpose: the SDK's texts may quote the raw reply, and a traceback in the log would show it.
    """
    try:
        yield
    except APIStatusError as error:
        raise refusal(SERVICE, error.status_code, error.response.headers) from None
    except APIConnectionError as error:
        raise disconnection(SERVICE, error.__cause__) from None
    except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeEncodeError) as error:
        raise disconnection(SERVICE, error) from None
    except (OpenAIError, json.JSONDecodeError, UnicodeDecodeError):
        raise garbled(SERVICE) from None
