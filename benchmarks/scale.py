"""How fast a question finds its passages in a large knowledge base, and what that takes:

    python -m benchmarks.scale path/to/techfaq path/to/squad2 --chunks 1000000 --home /tmp/scale-1m

Builds an installation of that many passages in ``--home`` from the datasets, which `manage.py evaluate` must have
indexed; a second run uses it again. Then asks their real questions, whose vectors are made beforehand, on one core.
With DATABASE_URL the passages are in that database instead, which must be empty or this benchmark's own.
"""

import argparse
import gc
import hashlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

_REAL = Path(os.environ.get("DATA_DIR") or Path(__file__).parent.parent / "var")
_TOP_K = 10
_COMPARED = 50
"""Nearest passages of which the dense half must find 98 %."""
_Times = tuple[float, float]
"""By the clock on the wall and by the processor's, in seconds."""
_DATABASE = os.environ.get("DATABASE_URL")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path, nargs="+", metavar="DATASET_DIR")
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--home", type=Path, help="Kept, and used again by the next run.")
    parser.add_argument("--questions", type=int, default=600, help="How many are asked.")
    parser.add_argument("--step", choices=["start", "flat"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    home = options.home or Path(tempfile.mkdtemp(prefix="scale-"))
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings.local" if _DATABASE else "config.settings.scratch",
        "ENV_FILE": os.devnull,
        "OMP_NUM_THREADS": "1",
        "DATA_DIR": str(home),
        "MODEL_DIR": os.environ.get("MODEL_DIR", str(_REAL / "models")),
        "LOG_LEVEL": "ERROR",
    }
    if options.step == "start":
        return _start(home)
    import django

    django.setup()
    if options.step == "flat":
        return _flat(home)
    _build(options, home)
    _say("one core, --chunks", options.chunks, "database", _vendor())
    _measure(options, home)
    return None


def _say(*parts: object) -> None:
    sys.stdout.write(" ".join(map(str, parts)) + "\n")
    sys.stdout.flush()


def _vendor() -> str:
    from django.db import connection

    return connection.vendor


@contextmanager
def _timed(what: str) -> Iterator[None]:
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    _say(f"{what}: {time.perf_counter() - wall:.1f} s, of the processor {time.process_time() - cpu:.1f} s")


def _build(options: argparse.Namespace, home: Path) -> None:
    from django.core.management import call_command

    from benchmarks.corpus import Seeds, corpus_write, seeds_read
    from documents import selectors
    from documents.models import Visibility
    from documents.services import collection_ensure
    from rag.evaluation.dataset import dataset_read
    from rag.followers import followers
    from rag.retrieval import meanings

    call_command("migrate", verbosity=0)
    collection = collection_ensure(slug="scale", name="Scale", visibility=Visibility.PUBLIC)
    if not (home / "questions.json").exists():
        import numpy as np

        parts = [seeds_read(_evaluated(directory)) for directory in options.datasets]
        seeds = Seeds([one for part in parts for one in part.passages], np.concatenate([p.vectors for p in parts]))
        with _timed("rows written"):
            corpus_write(seeds, options.chunks, collection)
    for follower in followers():
        with _timed(f"{follower.name} followed"):
            follower.follow(selectors.point())
    _say(f"most memory while building: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
    if not (home / "questions.json").exists():
        each = options.questions // len(options.datasets)
        questions = [
            text for path in options.datasets for text in _spread(list(dataset_read(path).queries.values()), each)
        ]
        vectors = [meaning.vector.tolist() for meaning in meanings(questions) if meaning]
        (home / "questions.json").write_text(json.dumps(list(zip(questions, vectors, strict=True))))


def _spread(items: Sequence[str], count: int) -> Sequence[str]:
    return items[:: max(1, len(items) // count)][:count]


def _evaluated(dataset: Path) -> Path:
    directory = dataset.resolve()
    name = f"{directory.name}-{hashlib.sha256(bytes(directory)).hexdigest()[:8]}"
    database = _REAL.resolve() / "evaluations" / name / "db.sqlite3"
    if not database.exists():
        sys.exit(f"Index it first: manage.py evaluate {dataset}")
    return database


def _asked(home: Path) -> list[tuple[str, Any]]:
    import numpy as np

    from rag.boundaries import embedder
    from rag.retrieval import Meaning
    from rag.vectors import space_find

    model = embedder()
    space = space_find(model) if model else None
    if space is None:
        sys.exit("Nothing is indexed.")
    rows = json.loads((home / "questions.json").read_text())
    return [(text, Meaning(space, np.array(vector, dtype=np.float32))) for text, vector in rows]


def _search() -> Callable[[str, Any], Any]:
    from documents.models import Collection
    from rag.retrieval import Scope, search

    scope = Scope(frozenset(Collection.objects.values_list("pk", flat=True)))
    return lambda query, meaning: search(query=query, scope=scope, top_k=_TOP_K, meaning=meaning, strict=True)


def _measure(options: argparse.Namespace, home: Path) -> None:
    from rag.boundaries import vector_store
    from rag.entries import collection_label
    from rag.stores.base import Where

    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    gc.collect()
    gc.freeze()  # as config/asgi.py does
    asked, ask = _asked(home), _search()
    for query, meaning in asked[:50]:
        ask(query, meaning)
    spent: dict[str, list[_Times]] = defaultdict(list)
    with ExitStack() as patches:
        stages = _stages(patches)
        for query, meaning in asked:
            stages.clear()
            wall, cpu = time.perf_counter(), time.process_time()
            ask(query, meaning)
            whole = time.perf_counter() - wall, time.process_time() - cpu
            spent["search"].append(whole)
            for name, times in stages.items():
                spent[name].append(times)
            inner = [sum(times[clock] for times in stages.values()) for clock in (0, 1)]
            spent["second stage and rest"].append((whole[0] - inner[0], whole[1] - inner[1]))
    _say(f"{'':26}{'p50':>8}{'p99':>8}{'p50':>12}{'p99':>8}\n{'':26}{'wall, ms':>16}{'processor, ms':>20}")
    for name, all_times in sorted(spent.items(), key=lambda item: -statistics.median(t[1] for t in item[1])):
        cells = (_quantiles([times[clock] for times in all_times]) for clock in (0, 1))
        _say(f"{name:26}" + "    ".join(f"{p50:8.2f}{p99:8.2f}" for p50, p99 in cells))
    _say("memory:", ", ".join(f"{name} {size} MB" for name, size in _memory().items()))
    _starts(options, home)
    store = vector_store()
    scope = Where(frozenset(collection_label(key, draft=False) for key in _collections()))
    subprocess.run(_command(options, home, "flat"), check=True)  # noqa: S603 - ourselves
    exact = json.loads((home / "exact.json").read_text())
    found = [store.query(meaning.vector, _COMPARED, scope) if store else [] for _, meaning in asked[: len(exact)]]
    shares = [len({hit.id for hit in hits} & set(keys)) / len(keys) for hits, keys in zip(found, exact, strict=True)]
    _say(f"dense half: recall@{_COMPARED} of exact {statistics.mean(shares):.4f}, worst question {min(shares):.2f}")


def _collections() -> Any:
    from documents.models import Collection

    return Collection.objects.values_list("pk", flat=True)


def _stages(patches: ExitStack) -> dict[str, _Times]:
    """Times that each stage took of the present search; boundaries only, so that the search may change within."""
    from documents import selectors
    from rag import followers, retrieval
    from rag.lexical.index import LexicalIndex
    from rag.stores.faiss import FaissStore

    spent: dict[str, _Times] = {}
    running: list[str] = []

    def wrapped(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **kwargs: Any) -> Any:
            if running:
                return call(*args, **kwargs)
            running.append(name)
            wall, cpu = time.perf_counter(), time.process_time()
            try:
                return call(*args, **kwargs)
            finally:
                running.pop()
                before = spent.get(name, (0.0, 0.0))
                spent[name] = before[0] + time.perf_counter() - wall, before[1] + time.process_time() - cpu

        return timed

    for owner, call, name in (
        (FaissStore, "query", "dense"),
        (LexicalIndex, "query", "lexical"),
        (FaissStore, "vectors", "vectors of candidates"),
        (LexicalIndex, "scores", "missing lexical scores"),
        (selectors, "passages_visible", "reading"),
        (followers, "follow_for_question", "following"),
        (retrieval, "follow_for_question", "following"),
    ):
        if hasattr(owner, call):
            patches.enter_context(patch.object(owner, call, wrapped(name, getattr(owner, call))))
    return spent


def _quantiles(seconds: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(seconds)
    return 1000 * statistics.median(ordered), 1000 * ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]


def _memory() -> dict[str, int]:
    lines = dict(line.split(":") for line in Path("/proc/self/smaps_rollup").read_text().splitlines() if ":" in line)
    sizes = {name: int(value.split()[0]) // 1024 for name, value in lines.items() if value.strip().endswith("kB")}
    private = sizes["Private_Clean"] + sizes["Private_Dirty"]
    return {"resident": sizes["Rss"], "anonymous": sizes["Anonymous"], "private": private}


def _command(options: argparse.Namespace, home: Path, step: str) -> list[str]:
    paths = list(map(str, options.datasets))
    return [sys.executable, "-m", "benchmarks.scale", *paths, "--home", str(home), "--step", step]


def _starts(options: argparse.Namespace, home: Path) -> None:
    walls, cpus, told = [], [], ""
    for _ in range(5):
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        with subprocess.Popen(_command(options, home, "start"), stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
            told = process.stdout.readline().strip() if process.stdout else ""
            walls.append(time.perf_counter() - started)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpus.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    _say(f"start of a process to its first answer, best of 5: {min(walls):.2f} s, processor {min(cpus):.2f} s ({told})")


def _start(home: Path) -> None:
    """A new process, as far as its first result."""
    begun = time.perf_counter()
    import django

    django.setup()
    ready = time.perf_counter()
    import numpy as np

    from documents.models import Collection
    from rag.models import Space
    from rag.retrieval import Meaning, Scope, search

    text, vector = json.loads((home / "first.json").read_text()) if (home / "first.json").exists() else _first(home)
    meaning = Meaning(Space.objects.get(), np.array(vector, dtype=np.float32))
    scope = Scope(frozenset(Collection.objects.values_list("pk", flat=True)))
    hits = search(query=text, scope=scope, top_k=_TOP_K, meaning=meaning, strict=True).hits
    found = time.perf_counter()
    _say(f"settings and models {ready - begun:.2f} s, first search {found - ready:.2f} s, {len(hits)} hits")


def _first(home: Path) -> Any:
    first = json.loads((home / "questions.json").read_text())[0]
    (home / "first.json").write_text(json.dumps(first))
    return first


def _flat(home: Path) -> None:
    """FAISS alone: all vectors in one flat index in memory. Leaves the ids of the nearest in a file."""
    import faiss
    import numpy as np

    from rag.boundaries import vector_store

    store = vector_store()
    if store is None:
        sys.exit("There is no store.")
    faiss.omp_set_num_threads(1)
    keys = list(store.list_ids())
    index = faiss.IndexScalarQuantizer(store.dimensions, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    order: list[str] = []
    for start in range(0, len(keys), 20_000):
        records = store.fetch(keys[start : start + 20_000])
        order += [record.id for record in records]
        index.add(np.stack([record.vector for record in records]))
    exact, walls, cpus = [], [], []
    for _, meaning in _asked(home):
        wall, cpu = time.perf_counter(), time.process_time()
        _, rows = index.search(meaning.vector.reshape(1, -1), _COMPARED)
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
        exact.append([order[row] for row in rows[0]])
    (home / "exact.json").write_text(json.dumps(exact))
    (p50, p99), (c50, c99) = _quantiles(walls), _quantiles(cpus)
    _say(f"beside it, FAISS flat alone: p50 {p50:.2f} p99 {p99:.2f} ms, processor {c50:.2f} {c99:.2f} ms")


if __name__ == "__main__":
    main()
