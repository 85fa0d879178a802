"""What a large segment of the FAISS store finds by its short codes."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from rag.errors import StoreCorrupt
from rag.stores import codes
from rag.stores.base import VectorRecord, Where
from rag.stores.faiss import FaissStore

pytestmark = pytest.mark.once

DIMENSIONS = 32
ROWS = 6000
EVERYWHERE = Where(frozenset({"most", "some", "few"}))
Vectors = npt.NDArray[np.float32]


@pytest.fixture(autouse=True)
def _large_is_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "SHORT_FROM", 2000)


def unit(vectors: Vectors) -> Vectors:
    result: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return result


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    """As passages lie: in groups of like ones."""
    random = np.random.default_rng(1)
    topics = random.standard_normal((60, DIMENSIONS))
    scattered = topics[random.integers(0, 60, ROWS)] + 0.7 * random.standard_normal((ROWS, DIMENSIONS))
    return unit(scattered.astype(np.float32))


@pytest.fixture(scope="module")
def questions() -> Vectors:
    return unit(np.random.default_rng(2).standard_normal((20, DIMENSIONS)).astype(np.float32))


def label(number: int) -> str:
    return "few" if number % 50 == 0 else "some" if number % 5 == 0 else "most"


@pytest.fixture
def store(tmp_path: Path, vectors: Vectors) -> FaissStore:
    made = FaissStore("space", DIMENSIONS, tmp_path)
    made.upsert([VectorRecord(f"{n}:1:0", vector, label(n), "FAQ") for n, vector in enumerate(vectors)])
    assert list(tmp_path.glob("*.short"))
    return made


def recall(store: FaissStore, vectors: Vectors, questions: Vectors, where: Where, gone: frozenset[int]) -> float:
    """The share of the 50 nearest that is found."""
    inside = [n for n in range(len(vectors)) if label(n) in where.collections and n not in gone]
    shares = []
    for question in questions:
        scores = vectors[inside] @ question
        nearest = {f"{inside[place]}:1:0" for place in np.argsort(-scores)[:50]}
        hits = store.query(question, 50, where)
        assert len(hits) == min(50, len(inside))
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        for hit in hits:
            number = int(hit.id.split(":")[0])
            assert hit.score == pytest.approx(float(vectors[number] @ question), abs=2e-3)
            assert label(number) in where.collections
        shares.append(len(nearest & {hit.id for hit in hits}) / len(nearest))
    return float(np.mean(shares))


@pytest.mark.parametrize("names", [("most", "some", "few"), ("most",), ("some", "few"), ("few",)])
def test_nearly_all_of_the_nearest_are_found_in_any_scope(
    store: FaissStore, vectors: Vectors, questions: Vectors, names: tuple[str, ...]
) -> None:
    assert recall(store, vectors, questions, Where(frozenset(names)), frozenset()) > 0.98


def test_what_was_deleted_is_not_found_and_takes_no_place(
    store: FaissStore, vectors: Vectors, questions: Vectors
) -> None:
    gone = frozenset(range(0, ROWS, 7))
    store.delete([f"{n}:1:0" for n in gone])
    assert recall(store, vectors, questions, EVERYWHERE, gone) > 0.98


def test_a_scope_that_lies_elsewhere_than_the_question_is_searched_too(tmp_path: Path, vectors: Vectors) -> None:
    nearest_last = np.argsort(vectors @ vectors[0])
    far = {f"{n}:1:0" for n in nearest_last[: ROWS // 2]}
    store = FaissStore("space", DIMENSIONS, tmp_path)
    store.upsert(
        [
            VectorRecord(f"{n}:1:0", vector, "far" if f"{n}:1:0" in far else "near", "FAQ")
            for n, vector in enumerate(vectors)
        ]
    )
    hits = store.query(vectors[0], 50, Where(frozenset({"far"})))
    expected = (vectors @ vectors[0])[nearest_last[ROWS // 2 - 50 : ROWS // 2][::-1]]
    assert [hit.score for hit in hits] == pytest.approx(expected.tolist(), abs=2e-3)
    assert {hit.id for hit in hits} <= far


def test_the_vectors_of_single_records_are_at_hand(store: FaissStore, vectors: Vectors) -> None:
    found = store.vectors(["7:1:0", "4711:1:0", "7777777:1:0", "größe"])
    assert sorted(found) == ["4711:1:0", "7:1:0"]
    assert found["4711:1:0"] == pytest.approx(vectors[4711], abs=2e-3)
    store.delete(["7:1:0"])
    assert sorted(store.vectors(["7:1:0", "4711:1:0"])) == ["4711:1:0"]


def test_a_merge_makes_short_codes_and_loses_nothing(tmp_path: Path, vectors: Vectors, questions: Vectors) -> None:
    store = FaissStore("space", DIMENSIONS, tmp_path)
    for start in range(0, ROWS, 1500):
        assert not list(tmp_path.glob("*.short"))
        store.upsert(
            [VectorRecord(f"{n}:1:0", vectors[n], label(n), "FAQ") for n in range(start, start + 1500)],
        )
    assert len(list(tmp_path.glob("*.short"))) == 1
    assert store.count() == ROWS
    assert recall(store, vectors, questions, EVERYWHERE, frozenset()) > 0.98


@pytest.mark.parametrize("damage", ["missing", "short", "flipped"])
def test_damage_to_short_codes_is_found(store: FaissStore, tmp_path: Path, damage: str) -> None:
    [path] = tmp_path.glob("*.short")
    content = bytearray(path.read_bytes())
    path.unlink()
    if damage != "missing":
        content[len(content) // 2] ^= 4
        path.write_bytes(content if damage == "flipped" else content[:-10])
    reopened = FaissStore("space", DIMENSIONS, tmp_path)
    assert len(reopened.verify()) == 1
    if damage != "flipped":
        with pytest.raises(StoreCorrupt):
            reopened.count()
    reopened.discard_damaged()
    assert (reopened.count(), reopened.verify()) == (0, [])
