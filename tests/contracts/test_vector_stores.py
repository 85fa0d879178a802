"""What every vector store promises (rag/stores/base.py)."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from rag.errors import ProviderRejected
from rag.stores.base import VectorRecord, VectorStore, Where
from rag.stores.faiss import FaissStore
from rag.stores.pinecone import PineconeStore
from tests.loopback.pinecone import LoopbackPinecone

pytestmark = pytest.mark.once

DIMENSIONS = 8
OpenStore = Callable[[str], VectorStore]
Vector = npt.NDArray[np.float32]


def unit(*values: float) -> Vector:
    vector = np.zeros(DIMENSIONS, dtype=np.float32)
    vector[: len(values)] = values
    result: Vector = vector / np.linalg.norm(vector)
    return result


def at(degrees: float) -> Vector:
    return unit(float(np.cos(np.radians(degrees))), float(np.sin(np.radians(degrees))))


def record(key: str, vector: Vector, collection: str = "handbook", category: str = "FAQ") -> VectorRecord:
    return VectorRecord(key, vector, collection, category)


def many(count: int) -> list[VectorRecord]:
    """Ids in an order that is neither sorted nor that of the alphabet, each a different angle."""
    return [record(f"{number * 7919 % count}:1:0", at(90 * number / count)) for number in range(count)]


HANDBOOK = Where(frozenset({"handbook"}))


class VectorStoreContract:
    @pytest.fixture
    def open_store(self) -> OpenStore:
        """Opens a new instance on what the other instances of this test wrote."""
        raise NotImplementedError

    @pytest.fixture
    def store(self, open_store: OpenStore) -> VectorStore:
        return open_store("minilm-8")

    def found(self, store: VectorStore, where: Where = HANDBOOK, top_k: int = 10) -> list[str]:
        return [hit.id for hit in store.query(at(0), top_k, where)]

    def test_an_empty_store_finds_counts_and_lists_nothing(self, store: VectorStore) -> None:
        assert store.query(at(0), 5, HANDBOOK) == []
        assert store.count() == 0
        assert list(store.list_ids()) == []

    def test_a_score_is_the_cosine_of_the_angle_to_the_question(self, store: VectorStore) -> None:
        angles = {"same": 0.0, "near": 30.0, "right": 90.0, "far": 120.0, "opposite": 180.0}
        store.upsert([record(key, at(angle)) for key, angle in angles.items()])
        scores = {hit.id: hit.score for hit in store.query(at(0), 5, HANDBOOK)}
        assert scores == pytest.approx({k: float(np.cos(np.radians(a))) for k, a in angles.items()}, abs=2e-3)
        assert all(-1 <= score <= 1 for score in scores.values())

    def test_a_score_does_not_depend_on_the_length_of_a_vector(self, store: VectorStore) -> None:
        store.upsert([record("long", 7 * at(60)), record("short", 0.01 * at(30))])
        assert [hit.score for hit in store.query(at(0), 2, HANDBOOK)] == pytest.approx([0.866, 0.5], abs=2e-3)

    def test_hits_come_nearest_first_and_no_more_than_asked_for(self, store: VectorStore) -> None:
        store.upsert([record(str(angle), at(angle)) for angle in (50, 10, 40, 20, 30)])
        assert self.found(store, top_k=3) == ["10", "20", "30"]
        assert self.found(store, top_k=50) == ["10", "20", "30", "40", "50"]
        assert self.found(store, top_k=0) == []

    def test_an_upsert_replaces_the_vector_and_its_labels(self, store: VectorStore) -> None:
        store.upsert([record("1:1:0", at(80)), record("1:1:1", at(40))])
        store.upsert([record("1:1:0", at(5), "policies", "Policy")])
        assert self.found(store) == ["1:1:1"]
        [hit] = store.query(at(0), 5, Where(frozenset({"policies"}), frozenset({"Policy"})))
        assert hit.id == "1:1:0"
        assert hit.score == pytest.approx(0.996, abs=2e-3)
        assert store.count() == 2

    def test_the_last_of_two_records_with_one_id_wins(self, store: VectorStore) -> None:
        store.upsert([record("1:1:0", at(0)), record("1:1:0", at(90))])
        assert [hit.score for hit in store.query(at(0), 5, HANDBOOK)] == pytest.approx([0], abs=2e-3)
        assert store.count() == 1

    def test_an_upsert_of_nothing_is_nothing(self, store: VectorStore) -> None:
        store.upsert([])
        assert store.count() == 0

    def test_a_deleted_vector_is_gone(self, store: VectorStore) -> None:
        store.upsert([record(key, at(10)) for key in ("1:1:0", "1:1:1", "2:1:0")])
        store.delete(key for key in ("1:1:0", "2:1:0"))
        assert self.found(store) == list(store.list_ids()) == ["1:1:1"]
        assert store.count() == 1

    def test_a_deleted_id_may_come_back(self, store: VectorStore) -> None:
        store.upsert([record("1:1:0", at(10))])
        store.delete(["1:1:0"])
        store.upsert([record("1:1:0", at(20))])
        assert self.found(store) == list(store.list_ids()) == ["1:1:0"]

    def test_deleting_what_is_not_there_is_no_error(self, store: VectorStore) -> None:
        store.delete(["1:1:0"])
        store.upsert([record("1:1:0", at(10))])
        store.delete(["1:1:1", "", "1:1:0" + "0" * 60, "größe:1:0"])
        store.delete([])
        assert store.count() == 1

    def test_only_the_collections_named_are_searched(self, store: VectorStore) -> None:
        store.upsert([record(name, at(10), collection=name) for name in ("handbook", "policies", "secrets")])
        assert self.found(store, Where(frozenset({"policies"}))) == ["policies"]
        assert sorted(self.found(store, Where(frozenset({"handbook", "policies"})))) == ["handbook", "policies"]
        assert self.found(store, Where(frozenset({"unknown"}))) == []

    def test_no_collection_finds_nothing(self, store: VectorStore) -> None:
        store.upsert([record("1:1:0", at(0))])
        assert self.found(store, Where(frozenset())) == []
        assert self.found(store, Where(frozenset(), frozenset({"FAQ"}))) == []

    def test_categories_narrow_the_search_where_they_are_named(self, store: VectorStore) -> None:
        store.upsert([record(name, at(10), category=name) for name in ("FAQ", "Guide", "Policy")])
        store.upsert([record("elsewhere", at(0), collection="policies", category="Guide")])
        here = frozenset({"handbook"})
        assert self.found(store, Where(here, frozenset({"Guide"}))) == ["Guide"]
        assert sorted(self.found(store, Where(here, frozenset({"Guide", "FAQ"})))) == ["FAQ", "Guide"]
        assert self.found(store, Where(here, frozenset({"Unknown"}))) == []
        for every in (None, frozenset[str]()):
            assert sorted(self.found(store, Where(here, every))) == ["FAQ", "Guide", "Policy"]

    def test_a_collection_that_appears_later_is_found_by_a_search_made_before(self, store: VectorStore) -> None:
        store.upsert([record("1:1:0", at(10))])
        both = Where(frozenset({"handbook", "new"}))
        assert self.found(store, both) == ["1:1:0"]
        store.upsert([record("2:1:0", at(5), collection="new")])
        assert self.found(store, both) == ["2:1:0", "1:1:0"]

    def test_labels_may_hold_any_letters(self, store: VectorStore) -> None:
        store.upsert([record("1:1:0", at(10), "größe 大", 'a "quoted" $in')])
        assert self.found(store, Where(frozenset({"größe 大"}), frozenset({'a "quoted" $in'}))) == ["1:1:0"]

    def test_a_filter_leaves_enough_hits(self, store: VectorStore) -> None:
        store.upsert([record(f"near:{n}", at(n / 100), collection="policies") for n in range(300)])
        store.upsert([record(f"far:{n}", at(60 + n)) for n in range(5)])
        assert self.found(store, top_k=5) == [f"far:{n}" for n in range(5)]

    def test_more_records_than_one_batch_are_written_listed_and_deleted(self, store: VectorStore) -> None:
        records = many(1250)
        store.upsert(records)
        assert store.count() == 1250
        assert sorted(store.list_ids()) == sorted(r.id for r in records)
        assert [hit.score for hit in store.query(at(0), 3, HANDBOOK)] == pytest.approx([1, 1, 1], abs=2e-3)
        store.delete([r.id for r in records[:1100]])
        assert sorted(store.list_ids()) == sorted(r.id for r in records[1100:])
        assert self.found(store, top_k=1) == [records[1100].id]

    def test_many_small_writes_add_up(self, store: VectorStore) -> None:
        records = many(24)
        for number, one in enumerate(records):
            store.upsert([one])
            if number % 3 == 0:
                store.delete([one.id])
        expected = [r.id for number, r in enumerate(records) if number % 3]
        assert self.found(store, top_k=24) == expected
        assert sorted(store.list_ids()) == sorted(expected)
        assert store.count() == len(expected)

    def test_records_are_fetched_as_they_are_stored(self, store: VectorStore) -> None:
        assert store.fetch(["1:1:0"]) == []
        store.upsert([record("1:1:0", at(10)), record("1:1:1", at(20), "policies", "Policy")])
        store.upsert([record("1:1:0", at(30), "news", "")])
        store.upsert([record("1:1:2", at(40))])
        store.delete(["1:1:2"])
        found = {one.id: one for one in store.fetch(["1:1:0", "1:1:1", "1:1:2", "1:1:3", "größe:1:0"])}
        assert {key: (one.collection, one.category) for key, one in found.items()} == {
            "1:1:0": ("news", ""),
            "1:1:1": ("policies", "Policy"),
        }
        assert found["1:1:0"].vector == pytest.approx(at(30), abs=2e-3)
        assert found["1:1:1"].vector == pytest.approx(at(20), abs=2e-3)
        assert store.fetch([]) == []

    def test_more_records_than_one_batch_are_fetched(self, store: VectorStore) -> None:
        records = many(250)
        store.upsert(records)
        found = store.fetch([one.id for one in records])
        assert sorted(one.id for one in found) == sorted(one.id for one in records)

    def test_a_store_as_it_was_written_has_no_damage(self, store: VectorStore) -> None:
        store.upsert(many(30))
        assert store.verify() == []
        store.discard_damaged()
        assert store.count() == 30

    def test_clear_removes_everything_and_the_store_goes_on(self, store: VectorStore) -> None:
        store.clear()
        store.upsert(many(30))
        store.clear()
        assert (store.count(), self.found(store), list(store.list_ids())) == (0, [], [])
        store.upsert([record("1:1:0", at(10))])
        assert self.found(store) == ["1:1:0"]

    def test_two_spaces_are_apart(self, open_store: OpenStore) -> None:
        one, other = open_store("minilm-8"), open_store("mistral-embed-8")
        one.upsert([record("1:1:0", at(10)), record("1:1:1", at(20))])
        other.upsert([record("1:1:0", at(80))])
        other.delete(["1:1:1"])
        assert (one.count(), other.count()) == (2, 1)
        other.clear()
        assert self.found(one) == ["1:1:0", "1:1:1"]

    def test_a_second_instance_sees_every_write(self, open_store: OpenStore) -> None:
        writer, reader = open_store("minilm-8"), open_store("minilm-8")
        assert self.found(reader) == []
        writer.upsert([record("1:1:0", at(10)), record("1:1:1", at(20))])
        assert self.found(reader) == ["1:1:0", "1:1:1"]
        writer.upsert([record("1:1:0", at(30))])
        assert self.found(reader) == ["1:1:1", "1:1:0"]
        writer.delete(["1:1:1"])
        assert (self.found(reader), reader.count(), list(reader.list_ids())) == (["1:1:0"], 1, ["1:1:0"])
        writer.clear()
        assert (self.found(reader), reader.count()) == ([], 0)

    def test_a_vector_of_another_length_is_rejected(self, store: VectorStore) -> None:
        with pytest.raises(ProviderRejected, match=str(DIMENSIONS)):
            store.upsert([record("1:1:0", np.ones(5, dtype=np.float32))])
        with pytest.raises(ProviderRejected, match=str(DIMENSIONS)):
            store.query(np.ones(5, dtype=np.float32), 5, HANDBOOK)
        assert store.count() == 0

    @pytest.mark.parametrize("key", ["", "größe:1:0"])
    def test_an_id_that_is_empty_or_not_ascii_is_rejected(self, store: VectorStore, key: str) -> None:
        with pytest.raises(ProviderRejected):
            store.upsert([record(key, at(0))])
        assert store.count() == 0

    def test_an_id_may_be_64_characters_long(self, store: VectorStore) -> None:
        keys = ["x" * 63 + last for last in "abc"]
        store.upsert([record(key, at(10 * n)) for n, key in enumerate(keys)])
        assert self.found(store) == keys


class TestFaiss(VectorStoreContract):
    @pytest.fixture
    def open_store(self, tmp_path: Path) -> OpenStore:
        return lambda space: FaissStore.from_settings({"INDEX_DIR": tmp_path}, space, DIMENSIONS)


class TestPinecone(VectorStoreContract):
    @pytest.fixture
    def server(self) -> Iterator[LoopbackPinecone]:
        with LoopbackPinecone() as server:
            server.add_index("grounded", DIMENSIONS)
            yield server

    @pytest.fixture
    def open_store(self, server: LoopbackPinecone) -> OpenStore:
        config = {
            "PROVIDER_TIMEOUT": 10,
            "PINECONE": {"api_key": server.key, "index": "grounded", "host": "", "controller_url": server.url},
        }
        return lambda space: PineconeStore.from_settings(config, space, DIMENSIONS)

    def test_a_write_is_seen_once_the_service_has_caught_up(self, server: LoopbackPinecone, store: VectorStore) -> None:
        server.lag = math.inf
        store.upsert([record("1:1:0", at(10))])
        assert (self.found(store), store.count()) == ([], 0)
        server.settle()
        assert (self.found(store), store.count()) == (["1:1:0"], 1)
        store.delete(["1:1:0"])
        assert self.found(store) == ["1:1:0"]
        server.settle()
        assert (self.found(store), list(store.list_ids())) == ([], [])
