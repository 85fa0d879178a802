from collections.abc import Iterator

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from tests.knowledge import HOURS, LOANS, work
from tests.loopback.mistral import LoopbackMistral
from tests.serving import Served


@pytest.fixture
def library(editor_client: APIClient) -> None:
    """A knowledge base of two documents about a town library."""
    for title, content in (("Opening hours", HOURS), ("Loans", LOANS)):
        assert editor_client.post("/api/rag/index/", {"title": title, "content": content}).status_code == 202
    work()


@pytest.fixture
def mistral(settings: Settings) -> Iterator[LoopbackMistral]:
    with LoopbackMistral() as server:
        settings.RAG = {
            **settings.RAG,
            "GENERATORS": ["rag.generators.mistral.MistralGenerator", *settings.RAG["GENERATORS"]],
            "MISTRAL": {**settings.RAG["MISTRAL"], "api_key": server.key, "server_url": server.url},
            "PROVIDER_TIMEOUT": 10,
            "ANSWER_CACHE_SECONDS": 0,
        }
        yield server


@pytest.fixture
def port(mistral: LoopbackMistral) -> Iterator[int]:
    with Served() as server:
        yield server.port
