"""The FAISS store under several threads and processes, killed writers and damaged disks."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import StoreCorrupt
from rag.stores.base import VectorRecord, Where
from rag.stores.faiss import FaissStore

pytestmark = pytest.mark.once

DIMENSIONS = 16
EVERYWHERE = Where(frozenset({"a", "b"}))
Vector = npt.NDArray[np.float32]


def vector_of(number: int) -> Vector:
    vector = np.random.default_rng(number).standard_normal(DIMENSIONS).astype(np.float32)
    unit: Vector = vector / np.linalg.norm(vector)
    return unit


def record(number: int, *, seed: int | None = None) -> VectorRecord:
    return VectorRecord(f"{number}:1:0", vector_of(number if seed is None else seed), "ab"[number % 2], "FAQ")


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a power cut, which no test here makes, tells the difference."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "vectors"


@pytest.fixture
def store(directory: Path) -> FaissStore:
    return FaissStore("space", DIMENSIONS, directory)


def reopened(directory: Path) -> FaissStore:
    return FaissStore("space", DIMENSIONS, directory)


@contextmanager
def other_process(code: str, directory: Path) -> Iterator["subprocess.Popen[str]"]:
    """Runs ``code`` with ``store`` and the helpers of this file at hand; talks over its stdin and stdout."""
    head = f"""
        import sys
        from pathlib import Path
        from tests.rag.test_faiss_store import *
        store = reopened(Path({str(directory)!r}))
    """
    command = [sys.executable, "-c", dedent(head) + dedent(code)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def next_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    line: str = process.stdout.readline()
    assert line, "the other process ended"
    return line.strip()


def test_another_process_sees_a_write_at_its_next_query(store: FaissStore, directory: Path) -> None:
    code = """
        for line in sys.stdin:
            hits = store.query(vector_of(int(line)), 1, EVERYWHERE)
            print(hits[0].id if hits else "nothing", flush=True)
    """

    def ask(number: int) -> str:
        assert process.stdin
        print(number, file=process.stdin, flush=True)
        return next_line(process)

    with other_process(code, directory) as process:
        assert ask(7) == "nothing"
        for number in range(7, 20):
            store.upsert([record(number)])
            assert ask(number) == f"{number}:1:0"
        store.delete(["19:1:0"])
        assert ask(19) != "19:1:0"
        store.clear()
        assert ask(7) == "nothing"


def write_a_lot(store: FaissStore, writes: int) -> None:
    """Adds, replaces and deletes records numbered from 1000 on; compacts many times meanwhile."""
    for turn in range(writes):
        first = 1000 + turn % 40 * 10
        store.upsert([record(number, seed=number + turn) for number in range(first, first + 30)])
        if turn % 3 == 0:
            store.delete([f"{number}:1:0" for number in range(first, first + 15)])


@pytest.fixture
def quick_switches() -> Iterator[None]:
    """Threads take turns every half millisecond, so that they meet in more places."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("quick_switches")
@pytest.mark.no_cover
def test_threads_that_query_during_writes_never_miss_a_lasting_record(store: FaissStore) -> None:
    store.upsert([record(number) for number in range(100)])
    done = threading.Event()

    def query_until_done(offset: int) -> int:
        asked = 0
        while not done.is_set():
            number = (asked * 7 + offset) % 100
            [hit] = store.query(vector_of(number), 1, EVERYWHERE)
            assert hit.id == f"{number}:1:0"
            assert hit.score == pytest.approx(1, abs=2e-3)
            asked += 1
        return asked

    with ThreadPoolExecutor(2) as pool:
        readers = [pool.submit(query_until_done, offset) for offset in (0, 50)]
        try:
            write_a_lot(store, 200)
        finally:
            done.set()
        assert all(reader.result() > 0 for reader in readers)
    assert store.verify() == []


def test_a_process_that_queries_during_writes_never_misses_a_lasting_record(store: FaissStore, directory: Path) -> None:
    store.upsert([record(number) for number in range(100)])
    code = """
        import select
        asked = 0
        while not select.select([sys.stdin], [], [], 0)[0]:
            number = asked % 100
            [hit] = store.query(vector_of(number), 1, EVERYWHERE)
            assert hit.id == f"{number}:1:0", (number, hit)
            asked += 1
            if asked == 1:
                print("ready", flush=True)
        print(asked, flush=True)
    """
    with other_process(code, directory) as process:
        assert next_line(process) == "ready"
        write_a_lot(store, 100)
        assert process.stdin
        process.stdin.close()
        assert int(next_line(process)) > 100


@pytest.mark.parametrize("acknowledged", [1, 4, 9])
def test_a_writer_killed_at_any_point_leaves_every_finished_write(directory: Path, acknowledged: int) -> None:
    code = """
        number = 0
        while True:
            store.upsert([record(number), record(number + 1)])
            store.delete([f"{number}:1:0"])
            number += 2
            print(number, flush=True)
    """
    with other_process(code, directory) as process:
        finished = 0
        while finished < 2 * acknowledged:
            finished = int(next_line(process))
        process.send_signal(signal.SIGKILL)
        process.wait()
    store = reopened(directory)
    ids = set(store.list_ids())
    assert {f"{number}:1:0" for number in range(1, finished, 2)} <= ids
    assert not {f"{number}:1:0" for number in range(0, finished, 2)} & ids
    assert store.verify() == []
    store.upsert([record(10_000)])
    assert "10000:1:0" in set(store.list_ids())
    assert unnamed_files(directory) == set()


class Crash(BaseException):
    pass


@pytest.fixture
def crash_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[int | None], None]:
    """Makes the operating system's file calls stop the writer once so many of them are done; None: never."""
    left: int | None = None

    def watched(call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:
            nonlocal left
            if left == 0:
                raise Crash
            left = left if left is None else left - 1
            return call(*args, **kwargs)

        return counted

    for owner, name in ((os, "fsync"), (Path, "open"), (Path, "replace"), (Path, "unlink")):
        monkeypatch.setattr(owner, name, watched(getattr(owner, name)))

    def arm(calls: int | None) -> None:
        nonlocal left
        left = calls

    return arm


def test_a_write_stopped_between_any_two_steps_leaves_the_old_or_the_new_state(
    store: FaissStore, directory: Path, crash_after: Callable[[int | None], None]
) -> None:
    for number in range(3):
        store.upsert([record(number)])  # one more and they are merged
    old, new = {"0:1:0", "1:1:0", "2:1:0"}, {"0:1:0", "1:1:0", "2:1:0", "3:1:0"}
    seen = []
    for calls in range(100):
        crash_after(calls)
        try:
            store.upsert([record(3)])
        except Crash:
            finished = False
        else:
            finished = True
        crash_after(None)
        after_the_crash = reopened(directory)
        seen.append(set(after_the_crash.list_ids()))
        assert seen[-1] in ([new] if finished else [old, new])
        assert after_the_crash.verify() == []
        after_the_crash.delete(["3:1:0"])
        if finished:
            break
    assert finished
    assert seen.count(old) > 8
    assert unnamed_files(directory) == set()


def unnamed_files(directory: Path) -> set[str]:
    manifest = (directory / "manifest.json").read_text()
    return {path.name for path in directory.iterdir() if path.name != "manifest.json" and path.name not in manifest}


def test_what_an_interrupted_write_left_is_ignored_and_then_removed(store: FaissStore, directory: Path) -> None:
    store.upsert([record(1)])
    for name in ("manifest.json.new", "00000002-abc.faiss", "00000002-abc.ids"):
        (directory / name).write_bytes(b"half a file")
    assert list(reopened(directory).list_ids()) == ["1:1:0"]
    assert len(unnamed_files(directory)) == 3
    store.upsert([record(2)])
    assert sorted(store.list_ids()) == ["1:1:0", "2:1:0"]
    assert unnamed_files(directory) == set()


@pytest.mark.parametrize("pattern", ["*.faiss", "*.ids", "*.labels", "*.dead"])
@pytest.mark.parametrize("damage", ["missing", "short"])
def test_a_missing_or_short_file_is_reported_as_damage(
    store: FaissStore, directory: Path, pattern: str, damage: str
) -> None:
    store.upsert([record(number) for number in range(20)])
    store.delete(["3:1:0"])
    [path] = directory.glob(pattern)
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-10])
    broken = reopened(directory)
    for use in (lambda: broken.query(vector_of(1), 1, EVERYWHERE), broken.count, lambda: broken.upsert([record(99)])):
        with pytest.raises(StoreCorrupt):
            use()
    assert len(broken.verify()) == 1


def test_a_flipped_bit_is_found_by_verify(store: FaissStore, directory: Path) -> None:
    store.upsert([record(number) for number in range(20)])
    assert store.verify() == []
    [path] = directory.glob("*.faiss")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)
    [fault] = reopened(directory).verify()
    assert path.name in fault
    for number in range(20, 22):
        store.upsert([record(number)])
    with pytest.raises(StoreCorrupt):  # a merge does not carry the damage into a new file
        store.upsert([record(22)])


@pytest.mark.parametrize("content", ["", "{", '{"segments": []}', json.dumps({"dimensions": 384})])
def test_a_manifest_that_cannot_be_used_is_reported_as_damage(store: FaissStore, directory: Path, content: str) -> None:
    store.upsert([record(1)])
    (directory / "manifest.json").write_text(content)
    with pytest.raises(StoreCorrupt):
        reopened(directory).query(vector_of(1), 1, EVERYWHERE)
    assert len(reopened(directory).verify()) == 1


def test_clear_mends_a_damaged_folder(store: FaissStore, directory: Path) -> None:
    store.upsert([record(1)])
    (directory / "manifest.json").write_text("not a manifest")
    mended = reopened(directory)
    mended.clear()
    assert mended.count() == 0
    mended.upsert([record(2)])
    assert list(mended.list_ids()) == list(store.list_ids()) == ["2:1:0"]
    assert unnamed_files(directory) == set()


def test_a_folder_that_was_removed_and_rebuilt_is_noticed(store: FaissStore, directory: Path) -> None:
    store.upsert([record(1)])
    assert store.count() == 1
    for path in directory.iterdir():
        path.unlink()
    directory.rmdir()
    assert store.count() == 0
    reopened(directory).upsert([record(2)])
    assert [hit.id for hit in store.query(vector_of(2), 5, EVERYWHERE)] == ["2:1:0"]


def test_a_write_in_small_batches_ends_in_few_segments(store: FaissStore, directory: Path) -> None:
    for first in range(0, 6000, 100):
        store.upsert([record(number) for number in range(first, first + 100)])
    assert store.count() == 6000
    assert len(list(directory.glob("*.faiss"))) < 8


def test_room_of_deleted_vectors_is_given_back(store: FaissStore, directory: Path) -> None:
    store.upsert([record(number) for number in range(3000)])
    before = sum(path.stat().st_size for path in directory.iterdir())
    store.delete([f"{number}:1:0" for number in range(2700)])
    assert sum(path.stat().st_size for path in directory.iterdir()) < before / 5
    assert store.count() == 300
    store.delete([f"{number}:1:0" for number in range(3000)])
    assert [path.name for path in directory.iterdir()] == ["manifest.json"]


def test_a_merge_loses_nothing_of_a_vector(store: FaissStore) -> None:
    store.upsert([record(0)])
    [before] = store.query(vector_of(1), 1, EVERYWHERE)
    for number in range(1, 40):
        store.upsert([record(number)])
    after = {hit.id: hit.score for hit in store.query(vector_of(1), 200, EVERYWHERE)}
    assert after["0:1:0"] == pytest.approx(before.score, abs=1e-6)


def test_a_write_that_changes_nothing_writes_nothing(store: FaissStore, directory: Path) -> None:
    store.delete(["1:1:0"])
    store.upsert([])
    store.clear()
    assert not directory.exists()
    store.upsert([record(1)])
    before = (directory / "manifest.json").stat().st_ino
    store.delete(["2:1:0"])
    assert (directory / "manifest.json").stat().st_ino == before


numbers = st.integers(0, 30)
step = st.one_of(
    st.tuples(st.just("upsert"), st.lists(st.tuples(numbers, st.integers(0, 99)), min_size=1, max_size=12)),
    st.tuples(st.just("delete"), st.lists(numbers, max_size=12)),
    st.tuples(st.just("query"), st.tuples(st.integers(0, 99), st.integers(1, 8), st.sampled_from(["a", "b", "ab"]))),
    st.tuples(st.just("reopen"), st.none()),
)


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(step, min_size=4, max_size=25))
def test_any_sequence_of_writes_answers_as_a_dictionary_would(steps: list[tuple[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = reopened(Path(folder))
        model: dict[str, VectorRecord] = {}
        for name, argument in steps:
            match name, argument:
                case "upsert", list(pairs):
                    records = [record(number, seed=seed) for number, seed in pairs]
                    store.upsert(records)
                    model.update({one.id: one for one in records})
                case "delete", list(chosen):
                    store.delete([f"{number}:1:0" for number in chosen])
                    for number in chosen:
                        model.pop(f"{number}:1:0", None)
                case "query", (int(seed), int(top_k), str(scope)):
                    check_query(store, model, vector_of(seed), top_k, frozenset(scope))
                case "reopen", _:
                    store = reopened(Path(folder))
        for seed in range(3):
            check_query(store, model, vector_of(seed), 5, frozenset("ab"))
        assert sorted(store.list_ids()) == sorted(model)
        assert store.count() == len(model)
        assert store.verify() == []


def check_query(
    store: FaissStore, model: dict[str, VectorRecord], question: Vector, top_k: int, scope: frozenset[str]
) -> None:
    """Equal to a search by brute force, up to the rounding of 16-bit floats."""
    expected = {one.id: float(one.vector @ question) for one in model.values() if one.collection in scope}
    hits = store.query(question, top_k, Where(scope))
    assert [hit.score for hit in hits] == pytest.approx(sorted(expected.values(), reverse=True)[:top_k], abs=2e-3)
    assert {hit.id: hit.score for hit in hits} == pytest.approx({hit.id: expected[hit.id] for hit in hits}, abs=2e-3)
    assert len({hit.id for hit in hits}) == len(hits)
