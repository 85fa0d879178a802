"""How good retrieval is: whether the passages that answer are found, and how far up."""

import math
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

from rag.evaluation.dataset import Dataset
from rag.evaluation.measuring import INTERVAL, Figures, Progress, interval, quantile
from rag.retrieval import Meaning, Mode, Scope, search
from rag.stages import ALL, Stages
from rag.timing import watched

CUTOFFS = (1, 3, 5, 10)
DEPTH = max(CUTOFFS)
_CHUNKS = 25
"""Several chunks of one passage may be found: more are asked for than passages are counted."""


@dataclass
class Scores:
    """Means over the questions, and the milliseconds that each took."""

    values: dict[str, list[float]] = field(default_factory=dict)
    milliseconds: list[float] = field(default_factory=list)
    stages: dict[str, list[float]] = field(default_factory=dict)
    """Stage → its milliseconds, for each question that went through it."""

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

    def by_stage(self) -> dict[str, float]:
        return {f"{stage}_ms_p50": round(statistics.median(spent), 2) for stage, spent in self.stages.items()}

    def summary(self) -> dict[str, float]:
        means = {name: round(statistics.fmean(values), 4) for name, values in self.values.items()}
        within = {name + INTERVAL: round(interval(values), 4) for name, values in self.values.items()}
        times = sorted(self.milliseconds)
        return (
            means
            | within
            | {
                "query_ms_p50": round(quantile(times, 0.5), 2),
                "query_ms_p99": round(quantile(times, 0.99), 2),
            }
        )

    def _add(self, name: str, value: float) -> None:
        self.values.setdefault(name, []).append(value)


def _dcg(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, start=1))


def measure(dataset: Dataset, scope: Scope, progress: Progress) -> Figures:
    """Ask every question by the whole search, and by each half alone."""
    results = {mode: Scores() for mode in get_args(Mode)}
    for query_id, query in progress(dataset.queries.items()):
        for mode, scores in results.items():
            stages = ALL if mode == "hybrid" else Stages(closer_look=False)
            ask(query, scope, stages, mode, scores, dataset.relevant[query_id])
    return {mode: scores.summary() | scores.by_stage() for mode, scores in results.items()}


def ask(
    query: str,
    scope: Scope,
    stages: Stages,
    mode: Mode,
    scores: Scores,
    relevant: Mapping[str, int],
    meaning: Meaning | None = None,
) -> None:
    """Ask one question and count it. The time is this process's own: what others do does not count."""
    started = time.process_time()
    with watched(time.process_time) as watch:
        found = search(query=query, scope=scope, top_k=_CHUNKS, mode=mode, meaning=meaning, stages=stages)
    scores.milliseconds.append((time.process_time() - started) * 1000)
    for stage, seconds in watch.spent.items():
        scores.stages.setdefault(stage, []).append(seconds * 1000)
    passages = dict.fromkeys(hit.chunk.version.document.source_uri for hit in found.hits)
    scores.add(list(passages), relevant)
