"""A cross-encoder behind HTTP, in the shape of Cohere's and Jina's rerank APIs, which vLLM and Infinity speak too."""

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Self

import httpx2

from rag.errors import ProviderRejected
from rag.http import DeadlineClient, disconnection, garbled, refusal
from rag.rerankers.base import Reranker

SERVICE = "The reranker"


class HttpReranker(Reranker):
    def __init__(self, config: Mapping[str, str]) -> None:
        """``config`` is ``settings.RAG["RERANK"]``."""
        self._config = config
        self.name = config["model"] or "reranker"

    @classmethod
    def from_settings(cls, config: Mapping[str, Any]) -> Self:
        return cls(config["RERANK"])

    def scores(self, question: str, passages: Sequence[str], *, timeout: float) -> list[float]:
        if not passages:
            return []
        body = {"query": question, "documents": list(passages), "top_n": len(passages)}
        if self._config["model"]:
            body["model"] = self._config["model"]
        key = self._config["api_key"]
        try:
            headers = {"Authorization": f"Bearer {key}"} if key else {}
            response = self._client.post(self._config["url"], json=body, headers=headers, timeout=timeout)
        except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeEncodeError) as error:
            raise disconnection(SERVICE, error) from error
        if response.status_code != 200:
            raise refusal(SERVICE, response.status_code, response.headers)
        try:
            told = {int(row["index"]): float(row["relevance_score"]) for row in response.json()["results"]}
            found = [told[place] for place in range(len(passages))]
        except (ValueError, KeyError, TypeError) as error:
            raise garbled(SERVICE) from error
        if not all(map(math.isfinite, found)):
            raise ProviderRejected(f"{SERVICE} gave scores that are no numbers.")
        return found

    @cached_property
    def _client(self) -> DeadlineClient:
        return DeadlineClient()
