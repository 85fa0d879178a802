from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.loopback.mistral import LoopbackMistral
from tests.serving import Served


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
