"""Answers written by a model behind an OpenAI-compatible server."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Self

from rag.generators.base import Call, Delta, Finish, Generator, Prompt
from rag.generators.completion import completed, wishes
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

    def stream(self, prompt: Prompt, *, timeout: float) -> AsyncGenerator[Delta | Call | Finish, None]:
        # No temperature: some models take no other than their own.
        request = {
            "model": self._config["model"],
            "messages": messages(prompt),
            "stream_options": {"include_usage": True},
        }
        return completed(
            service=SERVICE,
            url=self._config["base_url"],
            key=self._config["api_key"] or "none",  # some local servers want one, whatever it is
            request={**request, **wishes(prompt)},
            timeout=timeout,
        )
