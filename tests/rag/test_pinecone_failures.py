"""The Pinecone store where the service fails, and the making of an index."""

import logging
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from io import StringIO
from typing import Any

import numpy as np
import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from pytest_django import Settings

from rag.boundaries import embedder
from rag.errors import ProviderError, ProviderRejected, ProviderUnavailable, RateLimited
from rag.stores.base import VectorRecord, Where
from rag.stores.pinecone import PineconeStore
from tests.loopback.pinecone import LoopbackPinecone

DIMENSIONS = 8
EVERYWHERE = Where(frozenset({"handbook"}))
QUESTION = np.eye(DIMENSIONS, dtype=np.float32)[0]


@pytest.fixture
def server() -> Iterator[LoopbackPinecone]:
    with LoopbackPinecone(key="pcsk_secret_of_this_test") as server:
        server.add_index("grounded", DIMENSIONS)
        yield server


def config_for(server: LoopbackPinecone, timeout: float = 5, **pinecone: str) -> dict[str, Any]:
    return {
        "PROVIDER_TIMEOUT": timeout,
        "PINECONE": {
            "api_key": server.key,
            "index": "grounded",
            "host": "",
            "controller_url": server.url,
            "cloud": "aws",
            "region": "us-east-1",
        }
        | pinecone,
    }


def open_store(server: LoopbackPinecone, timeout: float = 5, **pinecone: str) -> PineconeStore:
    return PineconeStore.from_settings(config_for(server, timeout, **pinecone), "minilm-8", DIMENSIONS)


@pytest.fixture
def store(server: LoopbackPinecone) -> PineconeStore:
    """Has looked up its index and holds one record."""
    store = open_store(server)
    store.upsert(records(1))
    server.requests.clear()
    return store


def records(count: int, dimensions: int = DIMENSIONS) -> list[VectorRecord]:
    vectors = np.random.default_rng(0).standard_normal((count, dimensions)).astype(np.float32)
    return [VectorRecord(f"{number}:1:0", vector, "handbook", "FAQ") for number, vector in enumerate(vectors)]


def paths(server: LoopbackPinecone) -> list[str]:
    return [request.path for request in server.requests]


def seconds_of(call: Callable[[], object], error: type[ProviderError]) -> float:
    started = time.monotonic()
    with pytest.raises(error):
        call()
    return time.monotonic() - started


def test_nothing_is_sent_before_the_first_use_and_the_address_is_asked_for_once(server: LoopbackPinecone) -> None:
    store = open_store(server)
    assert paths(server) == []
    store.count()
    store.count()
    assert paths(server) == ["/indexes/grounded", "/describe_index_stats", "/describe_index_stats"]


def test_an_address_that_is_configured_is_not_asked_for(server: LoopbackPinecone) -> None:
    open_store(server, host=server.url, controller_url="http://127.0.0.1:9").count()
    assert paths(server) == ["/describe_index_stats"]


def test_a_search_within_no_collection_is_not_sent(server: LoopbackPinecone, store: PineconeStore) -> None:
    assert store.query(QUESTION, 5, Where(frozenset())) == []
    assert paths(server) == []


def test_records_go_in_batches_of_100_and_ids_of_deletes_of_1000(
    server: LoopbackPinecone, store: PineconeStore
) -> None:
    store.upsert(records(1001))
    store.delete(record.id for record in records(1001))
    assert [len(request.json.get("vectors", request.json.get("ids"))) for request in server.requests] == [
        *[100] * 10,
        1,
        1000,
        1,
    ]


def test_long_vectors_go_in_batches_that_the_service_takes(server: LoopbackPinecone) -> None:
    server.add_index("grounded", 3072)
    store = PineconeStore.from_settings(config_for(server), "large", 3072)
    store.upsert(records(100, dimensions=3072))
    assert store.count() == 100


@pytest.mark.parametrize("kind", ["rate_limit", "error", "malformed", "cut", "wrong_count"])
def test_a_passing_failure_is_tried_again(server: LoopbackPinecone, store: PineconeStore, kind: Any) -> None:
    server.fail_next(kind)
    store.upsert(records(3))
    assert paths(server) == ["/vectors/upsert"] * 2
    assert store.count() == 3


def test_a_passing_failure_of_the_look_up_is_tried_again(server: LoopbackPinecone) -> None:
    server.fail_next("error")
    assert open_store(server).count() == 0
    assert paths(server) == ["/indexes/grounded", "/indexes/grounded", "/describe_index_stats"]


def test_a_wait_that_is_asked_for_is_kept(server: LoopbackPinecone, store: PineconeStore) -> None:
    server.fail_next("rate_limit", retry_after=1)
    started = time.monotonic()
    store.count()
    assert 1 <= time.monotonic() - started < 5


def test_a_wait_beyond_the_deadline_is_not_begun(server: LoopbackPinecone, store: PineconeStore) -> None:
    server.fail_next("rate_limit", retry_after=60)
    started = time.monotonic()
    with pytest.raises(RateLimited) as raised:
        store.count()
    assert time.monotonic() - started < 5
    assert raised.value.retry_after == 60
    assert len(server.requests) == 1


@pytest.mark.parametrize(("kind", "error"), [("error", ProviderUnavailable), ("rate_limit", RateLimited)])
def test_a_lasting_failure_ends_with_the_deadline(
    server: LoopbackPinecone, kind: Any, error: type[ProviderError]
) -> None:
    store = open_store(server, timeout=1)
    store.count()
    server.fail_next(kind, times=100)
    assert seconds_of(store.count, error) < 3


@pytest.mark.parametrize("kind", ["hang", "drip"])
def test_a_service_that_does_not_get_done_ends_with_the_deadline(server: LoopbackPinecone, kind: Any) -> None:
    store = open_store(server, timeout=0.5)
    store.count()
    server.fail_next(kind, times=10, seconds=0.2)
    assert seconds_of(store.count, ProviderUnavailable) < 3


def test_a_service_that_cannot_be_reached_is_unavailable(server: LoopbackPinecone) -> None:
    store = open_store(server, timeout=0.5, host="http://127.0.0.1:9")
    assert seconds_of(store.count, ProviderUnavailable) < 3


def test_a_batch_that_fails_for_good_raises(server: LoopbackPinecone, store: PineconeStore) -> None:
    with pytest.raises(ProviderRejected):
        store.upsert([*records(150), VectorRecord("größe:1:0", QUESTION, "handbook", "FAQ")])
    server.fail_next("wrong_count", times=100)
    with pytest.raises(ProviderUnavailable, match="2 of 3"):
        open_store(server, timeout=0.5).upsert(records(3))


@pytest.mark.parametrize("host", ["", "given"])
def test_a_wrong_key_is_rejected_at_once_and_not_told(
    server: LoopbackPinecone, host: str, caplog: pytest.LogCaptureFixture
) -> None:
    key = "pcsk_a_key_that_is_wrong"
    store = open_store(server, api_key=key, host=host and server.url)
    with caplog.at_level(logging.DEBUG, logger="pinecone"), pytest.raises(ProviderRejected) as raised:
        store.query(QUESTION, 5, EVERYWHERE)
    assert len(server.requests) == 1
    assert "key" in raised.value.detail
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    assert key not in raised.value.detail + caplog.text


def test_a_key_that_is_not_well_formed_is_rejected_and_not_told(server: LoopbackPinecone) -> None:
    with pytest.raises(ProviderRejected) as raised:
        open_store(server, api_key="pcsk_newline\n").count()
    assert "pcsk" not in raised.value.detail
    assert server.requests == []


def test_a_missing_index_is_rejected_with_what_to_do(server: LoopbackPinecone) -> None:
    for store in (open_store(server, index="other"), open_store(server, host=server.url)):
        with pytest.raises(ProviderRejected, match="create_index"):
            store.delete(["1:1:0"])
        server.reset()


def test_vectors_of_another_length_are_rejected_with_what_to_do(server: LoopbackPinecone) -> None:
    store = PineconeStore.from_settings(config_for(server), "other", 16)
    with pytest.raises(ProviderRejected, match=r"length 16.*PINECONE_INDEX"):
        store.upsert(records(1, dimensions=16))
    assert len(server.requests) == 2


@pytest.fixture
def configured(server: LoopbackPinecone, settings: Settings) -> Settings:
    """The product's settings, as PINECONE_API_KEY and PINECONE_CONTROLLER_URL make them; no index is there."""
    server.reset()
    settings.RAG = deepcopy(django_settings.RAG) | config_for(server)
    return settings


def create_index(*options: str) -> str:
    output = StringIO()
    call_command("create_index", *options, stdout=output)
    return output.getvalue()


def test_create_index_makes_the_index_for_the_embedder(server: LoopbackPinecone, configured: Settings) -> None:
    model = embedder()
    assert model
    assert f"vectors of length {model.dimensions}" in create_index()
    [made] = [request.json for request in server.requests if request.method == "POST"]
    assert made == {
        "name": "grounded",
        "schema": {"fields": {"_values": {"type": "dense_vector", "dimension": model.dimensions, "metric": "cosine"}}},
        "deployment": {"deployment_type": "managed", "cloud": "aws", "region": "us-east-1"},
    }
    store = PineconeStore.from_settings(configured.RAG, model.name, model.dimensions)
    store.upsert(records(2, dimensions=model.dimensions))
    assert store.count() == 2


def test_create_index_twice_says_that_it_is_there(server: LoopbackPinecone, configured: Settings) -> None:
    create_index()
    assert "there already" in create_index()


def test_create_index_waits_until_the_index_is_ready(server: LoopbackPinecone, configured: Settings) -> None:
    server.asks_until_ready = 2
    create_index()
    assert len([request for request in server.requests if request.path == "/indexes/grounded"]) == 4


def test_create_index_does_not_wait_for_ever(server: LoopbackPinecone, configured: Settings) -> None:
    server.asks_until_ready = 1000
    with pytest.raises(CommandError, match="not ready after 0 seconds"):
        create_index("--wait", "0")


@pytest.mark.parametrize(("dimension", "metric"), [(5, "cosine"), (None, "euclidean")])
def test_create_index_refuses_an_index_that_does_not_fit(
    server: LoopbackPinecone, configured: Settings, dimension: int | None, metric: str
) -> None:
    model = embedder()
    assert model
    server.add_index("grounded", dimension or model.dimensions, metric)
    with pytest.raises(CommandError, match="PINECONE_INDEX"):
        create_index()


def test_create_index_without_a_key_says_what_is_missing(configured: Settings) -> None:
    configured.RAG["PINECONE"]["api_key"] = ""
    with pytest.raises(CommandError, match="PINECONE_API_KEY"):
        create_index()


def test_create_index_with_a_wrong_key_does_not_tell_it(configured: Settings) -> None:
    configured.RAG["PINECONE"]["api_key"] = "pcsk_wrong"
    with pytest.raises(CommandError) as raised:
        create_index()
    assert "pcsk_wrong" not in str(raised.value)
