"""How good retrieval is on a set with known answers, in the layout of BEIR (Thakur et al. 2021)."""

import gzip
import json
import math
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from rag.retrieval import Mode, Scope, search

CUTOFFS = (1, 3, 5, 10)
DEPTH = max(CUTOFFS)
_CHUNKS = 50
"""Several chunks of one passage may be found: more are asked for than passages are counted."""


class DatasetError(Exception):
    """The folder does not hold a dataset that can be read; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class Dataset:
    corpus: Mapping[str, tuple[str, str]]
    """Passage id → title, text."""
    queries: Mapping[str, str]
    """Those that have a relevant passage."""
    relevant: Mapping[str, Mapping[str, int]]
    """Query id → passage id → grade."""


def dataset_read(directory: Path) -> Dataset:
    """Read ``corpus.jsonl``, ``queries.jsonl`` (also ``.gz``) and ``qrels/test.tsv``. Raises DatasetError."""
    relevant: dict[str, dict[str, int]] = {}
    for number, line in enumerate(_lines(directory / "qrels" / "test.tsv")):
        query, passage, grade = (*line.split("\t"), "", "", "")[:3]
        if number == 0 and not grade.strip().lstrip("-").isdigit():
            continue  # the heading
        try:
            if int(grade) > 0:
                relevant.setdefault(query, {})[passage] = int(grade)
        except ValueError:
            raise DatasetError(f"qrels/test.tsv, line {number + 1}: a grade is missing.") from None
    corpus = {row["_id"]: (row.get("title") or "", row["text"]) for row in _rows(directory / "corpus.jsonl")}
    queries = {row["_id"]: row["text"] for row in _rows(directory / "queries.jsonl") if row["_id"] in relevant}
    return Dataset(corpus, queries, relevant)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(_lines(path), start=1):
        try:
            row = json.loads(line)
            _ = row["_id"], row["text"]
        except (ValueError, KeyError, TypeError) as error:
            raise DatasetError(f"{path.name}, line {number}: {error!r}") from error
        yield row


def _lines(path: Path) -> Iterator[str]:
    packed = path.with_name(f"{path.name}.gz")
    try:
        with path.open(encoding="utf-8") if path.exists() else gzip.open(packed, "rt", encoding="utf-8") as file:
            for line in file:
                if line.strip():
                    yield line.rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path.name} cannot be read: {error}") from error


@dataclass
class Scores:
    """Means over the questions, and the milliseconds that each took."""

    values: dict[str, list[float]] = field(default_factory=dict)
    milliseconds: list[float] = field(default_factory=list)

    def add(self, ranking: Sequence[str], relevant: Mapping[str, int]) -> None:
        """Count one question: the passages that were found for it, best first."""
        gains = [relevant.get(passage, 0) for passage in ranking[:DEPTH]]
        for cutoff in CUTOFFS:
            # The share of questions with a relevant passage among the first: what an answer can be written from.
            self._add(f"recall@{cutoff}", float(any(gains[:cutoff])))
        first = next((place for place, gain in enumerate(gains, start=1) if gain), None)
        self._add("mrr@10", 1 / first if first else 0.0)
        best = _dcg(sorted(relevant.values(), reverse=True)[:DEPTH])
        self._add("ndcg@10", _dcg(gains) / best if best else 0.0)

    def summary(self) -> dict[str, float]:
        means = {name: round(statistics.fmean(values), 4) for name, values in self.values.items()}
        times = sorted(self.milliseconds)
        return means | {
            "query_ms_p50": round(_quantile(times, 0.5), 2),
            "query_ms_p99": round(_quantile(times, 0.99), 2),
        }

    def _add(self, name: str, value: float) -> None:
        self.values.setdefault(name, []).append(value)


def _dcg(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, start=1))


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def evaluate(*, dataset: Dataset, scope: Scope, progress: Callable[[], None]) -> dict[str, dict[str, float]]:
    """Ask every question in every mode. The corpus is indexed with its passage ids as ``source_uri``."""
    results = {mode: Scores() for mode in get_args(Mode)}
    for query_id, query in dataset.queries.items():
        for mode, scores in results.items():
            started = time.perf_counter()
            found = search(query=query, scope=scope, top_k=_CHUNKS, mode=mode)
            scores.milliseconds.append((time.perf_counter() - started) * 1000)
            passages = dict.fromkeys(hit.chunk.version.document.source_uri for hit in found.hits)
            scores.add(list(passages), dataset.relevant[query_id])
        progress()
    return {mode: scores.summary() for mode, scores in results.items()}
