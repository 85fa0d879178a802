"""BM25 over the chunks: replaced, deleted, narrowed, and seen at once by whoever else has it open."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from rag.errors import StoreCorrupt
from rag.lexical.analysis import terms
from rag.lexical.index import LexicalIndex
from rag.lexical.records import LexicalRecord
from rag.stores.base import Where

EVERYWHERE = Where(frozenset({"a", "b"}))


def record(key: str, text: str, collection: str = "a", category: str = "") -> LexicalRecord:
    return LexicalRecord(key, text, collection, category)


@pytest.fixture
def index(tmp_path: Path) -> LexicalIndex:
    index = LexicalIndex(tmp_path)
    index.upsert(
        [
            record("1", "The quick brown fox jumps over the lazy dog"),
            record("2", "A dog sleeps all day", collection="b"),
            record("3", "Foxes live in dens", category="animals"),
        ]
    )
    return index


def found(index: LexicalIndex, text: str, where: Where = EVERYWHERE) -> list[str]:
    return [hit.id for hit in index.query(text, 10, where)]


def doubted(index: LexicalIndex) -> Path:
    """The mark that a writer leaves who does not come to an end."""
    return index.directory / "index" / "doubt"


def test_words_are_found_in_other_forms(index: LexicalIndex) -> None:
    assert set(found(index, "fox")) == {"1", "3"}
    assert found(index, "sleeping dogs")[0] == "2"


def test_stop_words_find_nothing(index: LexicalIndex) -> None:
    assert found(index, "the over all in") == []


def test_a_record_is_replaced(index: LexicalIndex) -> None:
    index.upsert([record("1", "Nothing of the kind")])
    assert found(index, "fox") == ["3"]
    assert index.count() == 3


def test_a_deleted_record_is_gone_and_an_unknown_one_is_no_error(index: LexicalIndex) -> None:
    index.delete(["1", "no such"])
    assert found(index, "fox") == ["3"]
    assert sorted(index.list_ids()) == ["2", "3"]


def test_a_search_is_narrowed(index: LexicalIndex) -> None:
    assert found(index, "dog", Where(frozenset({"b"}))) == ["2"]
    assert found(index, "fox", Where(frozenset({"a"}), frozenset({"animals"}))) == ["3"]
    assert found(index, "dog", Where(frozenset())) == []


@pytest.mark.parametrize("inside", [1, 30, 100])
def test_what_is_narrowed_away_takes_no_place(index: LexicalIndex, inside: int) -> None:
    index.upsert([record(f"out{n}", "A dog, a dog, a dog", collection="c") for n in range(40)])
    index.upsert([record(f"in{n}", f"A dog of kind {n}") for n in range(inside)])
    wanted = {f"in{n}" for n in range(inside)} | {"1", "2"}
    hits = index.query("dog", 20, EVERYWHERE)
    assert len(hits) == min(20, len(wanted))
    assert {hit.id for hit in hits} <= wanted
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_scores_are_shares_of_what_could_be_reached(index: LexicalIndex) -> None:
    hits = index.query("quick brown fox", 10, EVERYWHERE)
    assert all(0 < hit.score <= 1 for hit in hits)
    assert index.scores("quick brown fox", ["1", "2", "none"]) == {"1": hits[0].score, "2": 0.0, "none": 0.0}


def test_rare_terms_weigh_most(index: LexicalIndex) -> None:
    weights = index.weights("quick fox unheard")
    assert weights["unheard"] > weights["quick"] > weights["fox"]


def test_another_handle_sees_what_is_written(index: LexicalIndex, tmp_path: Path) -> None:
    other = LexicalIndex(tmp_path)
    assert found(other, "cat") == []
    index.upsert([record("4", "A cat watches")])
    assert found(other, "cat") == ["4"]
    index.clear()
    assert LexicalIndex(tmp_path).count() == 0


@pytest.mark.parametrize("suffix", ["store", "term", "idx", "fieldnorm"])
def test_damage_is_told_by_who_reads_and_by_who_writes_and_may_be_cleared(
    index: LexicalIndex, tmp_path: Path, suffix: str
) -> None:
    for file in tmp_path.glob(f"*/index/*.{suffix}"):
        file.write_bytes(b"\xff" * (file.stat().st_size - 100) + file.read_bytes()[-100:])
    damaged = LexicalIndex(tmp_path)
    with suppress(StoreCorrupt):  # not every question meets it
        damaged.query("dog", 10, EVERYWHERE)
    doubted(damaged).touch()
    with pytest.raises(StoreCorrupt):
        damaged.upsert([record("4", "A cat watches")])
    damaged.clear()
    damaged.upsert([record("4", "A cat watches")])
    assert found(damaged, "cat") == ["4"]
    assert damaged.verify() == []


def test_after_a_writer_who_was_killed_the_next_one_looks_whether_all_is_whole(
    index: LexicalIndex, tmp_path: Path
) -> None:
    doubted(index).touch()
    index.upsert([record("4", "A cat watches")])
    assert found(index, "cat") == ["4"]
    assert not doubted(index).exists()


def test_terms_are_folded_and_stemmed() -> None:
    assert terms("Running RUNS ﬁle_name C++ don't 3.14") == ["run", "run", "file", "name", "c", "don", "t", "3", "14"]
    assert terms("x" * 61) == []


@contextmanager
def no_room() -> Iterator[None]:
    """Files cannot grow, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_write_that_fails_at_its_end_is_told_and_can_be_done_again(index: LexicalIndex) -> None:
    for _ in range(2):
        with no_room(), pytest.raises((OSError, StoreCorrupt)):
            index.upsert([record("4", "A cat")])
        with no_room(), pytest.raises((OSError, StoreCorrupt)):
            index.delete(["1"])
    assert sorted(index.list_ids()) == ["1", "2", "3"]
    index.delete(["1"])
    index.upsert([record("4", "A cat")])
    assert (found(index, "cat"), index.count(), index.verify()) == (["4"], 3, [])


def test_of_a_write_that_is_broken_off_nothing_is_kept(index: LexicalIndex) -> None:
    def records() -> Iterator[LexicalRecord]:
        yield record("4", "A cat")
        raise KeyError

    with pytest.raises(KeyError):
        index.upsert(records())  # type: ignore[arg-type]
    assert found(index, "cat") == []
    index.upsert([record("4", "A cat")])
    assert found(index, "cat") == ["4"]


def test_what_was_read_of_a_damaged_file_is_not_remembered(index: LexicalIndex) -> None:
    store = next((index.directory / "index").glob("*.store"))
    whole = store.read_bytes()
    for place in range(len(whole)):
        if whole[place : place + 1] == b"1":
            store.write_bytes(whole[:place] + b"7" + whole[place + 1 :])
            fresh = LexicalIndex(index.directory.parent)
            with suppress(StoreCorrupt):
                assert set(found(fresh, "fox")) <= {"1", "3"}
