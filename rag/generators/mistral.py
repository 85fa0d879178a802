"""Answers written by Mistral's chat models."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Self

from mistralai.client import Mistral

from rag.generators import completion
from rag.generators.base import Delta, Finish, Generator, Prompt
from rag.mistral_client import SERVICE, connect, translated
from rag.prompts import messages


class MistralGenerator(Generator):
    name = "mistral"

    def __init__(self, config: Mapping[str, str]) -> None:
        """``config`` is ``settings.RAG["MISTRAL"]``."""
        self._config = config

    @classmethod
    def from_settings(cls, config: Mapping[str, Any]) -> Self:
        return cls(config["MISTRAL"])

    def stream(self, prompt: Prompt, *, timeout: float) -> Iterator[Delta | Finish]:
        model = self._config["chat_model"]
        request: dict[str, Any] = {"model": model, "messages": messages(prompt), "temperature": 0}
        # Only the stream's own `with` closes the connection: leaving its loop does not.
        with translated(), self._client.chat.stream(**request, timeout_ms=max(1, int(timeout * 1000))) as events:
            yield from completion.read((event.data for event in events), service=SERVICE, model=model)

    @cached_property
    def _client(self) -> Mistral:
        return connect(self._config)
