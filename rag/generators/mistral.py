"""Answers written by Mistral's chat models."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Self

from rag.generators.base import Call, Delta, Finish, Generator, Prompt
from rag.generators.completion import completed, wishes
from rag.mistral_client import SERVICE
from rag.prompts import messages

_API = "https://api.mistral.ai"


class MistralGenerator(Generator):
    name = "mistral"

    def __init__(self, config: Mapping[str, str]) -> None:
        """``config`` is ``settings.RAG["MISTRAL"]``."""
        self._config = config

    @classmethod
    def from_settings(cls, config: Mapping[str, Any]) -> Self:
        return cls(config["MISTRAL"])

    def stream(self, prompt: Prompt, *, timeout: float) -> AsyncGenerator[Delta | Call | Finish, None]:
        url = self._config["server_url"] or _API
        request = {
            "model": self._config["chat_model"],
            "messages": messages(prompt),
            "temperature": prompt.temperature,
        }
        return completed(
            service=SERVICE,
            url=f"{url.rstrip('/')}/v1",
            key=self._config["api_key"],
            request={**request, **wishes(prompt)},
            timeout=timeout,
        )
