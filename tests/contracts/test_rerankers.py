"""What every reranker does; and that a search goes on in the order it has where one fails."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from rag.errors import ProviderError, ProviderRejected, ProviderUnavailable, RateLimited
from rag.rerankers.base import Reranker
from rag.rerankers.http import HttpReranker
from tests.knowledge import submit
from tests.loopback.reranker import LoopbackReranker
from tests.loopback.server import FailureKind

QUESTION = "Within how many days are refunds paid?"
PASSAGES = ["The library opens at nine.", "Refunds are paid within fourteen days.", "Refunds need a receipt."]


class RerankerContract:
    """A subclass gives the fixture ``reranker``."""

    def test_the_passage_that_answers_scores_highest(self, reranker: Reranker) -> None:
        scores = reranker.scores(QUESTION, PASSAGES, timeout=5)
        assert len(scores) == len(PASSAGES)
        assert max(scores) == scores[1]
        assert min(scores) == scores[0]

    def test_scores_are_in_the_order_of_the_passages(self, reranker: Reranker) -> None:
        forwards = reranker.scores(QUESTION, PASSAGES, timeout=5)
        assert reranker.scores(QUESTION, PASSAGES[::-1], timeout=5) == forwards[::-1]

    def test_nothing_is_asked_for_no_passages(self, reranker: Reranker) -> None:
        assert reranker.scores(QUESTION, [], timeout=5) == []


class TestHttpReranker(RerankerContract):
    @pytest.fixture
    def server(self) -> Iterator[LoopbackReranker]:
        with LoopbackReranker() as server:
            yield server

    @pytest.fixture
    def reranker(self, server: LoopbackReranker) -> Reranker:
        return HttpReranker(config(server))

    def test_it_asks_in_the_shape_that_servers_speak(self, reranker: Reranker, server: LoopbackReranker) -> None:
        reranker.scores(QUESTION, PASSAGES, timeout=5)
        assert server.requests[-1].json == {
            "model": "model-of-this-test", "query": QUESTION, "documents": PASSAGES, "top_n": 3
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("kind", "error"),
        [
            ("error", ProviderUnavailable),
            ("rate_limit", RateLimited),
            ("hang", ProviderUnavailable),
            ("cut", ProviderUnavailable),
            ("malformed", ProviderUnavailable),
            ("wrong_count", ProviderUnavailable),
        ],
    )
    def test_failures_are_told_in_our_words_after_one_try(
        self, reranker: Reranker, server: LoopbackReranker, kind: FailureKind, error: type[ProviderError]
    ) -> None:
        server.fail_next(kind)
        began = time.monotonic()
        with pytest.raises(error):
            reranker.scores(QUESTION, PASSAGES, timeout=0.5)
        assert time.monotonic() - began < 1.5
        assert len(server.requests) == 1

    def test_a_key_that_is_not_known_is_rejected(self, server: LoopbackReranker) -> None:
        with pytest.raises(ProviderRejected):
            HttpReranker({**config(server), "api_key": "another"}).scores(QUESTION, PASSAGES, timeout=5)


def config(server: LoopbackReranker) -> dict[str, Any]:
    return {"url": f"{server.url}/v1/rerank", "api_key": server.key, "model": "model-of-this-test"}


def test_a_search_takes_its_order_and_keeps_its_own_where_it_fails(
    editor_client: APIClient, settings: Settings
) -> None:
    submit(editor_client, "Fees", "A fee is due when a book comes back late.")
    submit(
        editor_client, "Payment", "Pay at the desk. Money is due when you come, not late in the day. No fee. No book."
    )

    def titles() -> list[str]:
        answer = editor_client.get("/api/rag/search/", {"q": "fee for a book that comes back late"}).json()
        scores = [result["score"] for result in answer["results"]]
        assert scores == sorted(scores, reverse=True)
        return [result["title"] for result in answer["results"]]

    assert titles() == ["Fees", "Payment"]
    with LoopbackReranker(prefers="Payment") as server:
        settings.RAG = {
            **settings.RAG,
            "RERANKER": "rag.rerankers.http.HttpReranker",
            "RERANK": config(server),
            "RERANK_TIMEOUT": 0.3,
        }
        assert titles() == ["Payment", "Fees"]
        server.fail_next("hang")
        assert titles() == ["Fees", "Payment"]
    assert titles() == ["Fees", "Payment"]
