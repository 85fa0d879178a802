"""Embedding goes on through what Mistral does wrong, and gives up in time."""

import time
import traceback
from collections.abc import Iterator

import pytest

from rag.embedders.mistral import MistralEmbedder
from rag.errors import ProviderError, ProviderRejected, ProviderUnavailable, RateLimited
from tests.loopback.mistral import LoopbackMistral
from tests.loopback.server import Failure, FailureKind

TEXTS = ["The library is closed on Sundays.", "Refunds are paid within fourteen days."]


@pytest.fixture
def server() -> Iterator[LoopbackMistral]:
    with LoopbackMistral() as server:
        yield server


def build(server: LoopbackMistral, key: str) -> MistralEmbedder:
    mistral = {"api_key": key, "server_url": server.url, "embed_model": "mistral-embed"}
    return MistralEmbedder.from_settings({"MISTRAL": mistral})


@pytest.fixture
def embedder(server: LoopbackMistral) -> MistralEmbedder:
    return build(server, server.key)


def failure_of(embedder: MistralEmbedder, timeout: float) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        embedder.embed(TEXTS, "document", timeout=timeout)
    return caught.value


def test_a_rate_limit_is_waited_for_as_long_as_it_asks(embedder: MistralEmbedder, server: LoopbackMistral) -> None:
    server.fail_next("rate_limit", retry_after=1)
    began = time.monotonic()
    assert embedder.embed(TEXTS, "document", timeout=10).shape == (2, 1024)
    assert 1 <= time.monotonic() - began < 3
    assert len(server.requests) == 2


def test_a_wait_past_the_deadline_is_not_begun(embedder: MistralEmbedder, server: LoopbackMistral) -> None:
    server.fail_next("rate_limit", retry_after=60)
    began = time.monotonic()
    error = failure_of(embedder, timeout=5)
    assert time.monotonic() - began < 1
    assert isinstance(error, RateLimited)
    assert error.retry_after == 60


@pytest.mark.parametrize("kind", ["error", "cut", "malformed", "wrong_count"])
def test_a_passing_failure_is_tried_again(
    embedder: MistralEmbedder, server: LoopbackMistral, kind: FailureKind
) -> None:
    server.fail_next(kind)
    assert embedder.embed(TEXTS, "document", timeout=10).shape == (2, 1024)
    assert len(server.requests) == 2


@pytest.mark.parametrize("kind", ["error", "cut", "malformed", "wrong_count", "hang", "drip"])
def test_a_lasting_failure_ends_with_the_timeout(
    embedder: MistralEmbedder, server: LoopbackMistral, kind: FailureKind
) -> None:
    server.behaviour = Failure(kind, seconds=0.2)
    began = time.monotonic()
    error = failure_of(embedder, timeout=0.5)
    assert time.monotonic() - began < 1.2
    assert isinstance(error, ProviderUnavailable)
    assert not error.permanent


def test_a_wrong_key_is_refused_at_once_and_never_shown(server: LoopbackMistral) -> None:
    error = failure_of(build(server, "a-secret-key"), timeout=5)
    assert isinstance(error, ProviderRejected)
    assert error.permanent
    assert [request.headers["authorization"] for request in server.requests] == ["Bearer a-secret-key"]
    assert "a-secret-key" not in "".join(traceback.format_exception(error))


@pytest.mark.parametrize("key", ["a-secret-key\nX: y", "a-secret-kéy"])
def test_a_key_that_no_header_can_carry_is_refused_and_never_shown(server: LoopbackMistral, key: str) -> None:
    error = failure_of(build(server, key), timeout=5)
    assert isinstance(error, ProviderRejected)
    assert "a-secret-k" not in "".join(traceback.format_exception(error))


def test_a_service_that_is_not_there_is_unavailable(embedder: MistralEmbedder, server: LoopbackMistral) -> None:
    server.stop()
    assert isinstance(failure_of(embedder, timeout=0.5), ProviderUnavailable)


def test_no_call_is_larger_than_mistral_takes(embedder: MistralEmbedder, server: LoopbackMistral) -> None:
    """Mistral's tokenizer makes a token of each digit: four times as many as characters divided by four."""
    texts = ["1234567890" * 100] * 40 + ["Cats."] * 600
    assert embedder.embed(texts, "document").shape == (640, 1024)
    for request in server.requests:
        assert len(request.json["input"]) <= 512
        assert sum(character.isdigit() for text in request.json["input"] for character in text) <= 16_384


def test_a_text_that_is_not_valid_unicode_is_embedded(embedder: MistralEmbedder) -> None:
    assert embedder.embed(["half a pair: \ud83d"], "document").shape == (1, 1024)
