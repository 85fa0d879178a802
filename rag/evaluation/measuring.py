"""What the measures share: each asks the questions of a dataset and returns a table of figures.

The corpus is indexed with its passage ids as ``source_uri``.
"""

import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rag.evaluation.dataset import Dataset
from rag.retrieval import Scope

Figures = Mapping[str, Mapping[str, float]]
"""Column → row → figure. A row's 95 % interval, as half its width, is in a row of the same name with INTERVAL."""
INTERVAL = "_ci"
Progress = Callable[[Iterable[Any]], Iterable[Any]]
"""Passes on what it is given and shows how far it is."""
Measure = Callable[[Dataset, Scope, Progress], Figures]


def interval(values: Sequence[float]) -> float:
    """Half the width of the 95 % interval of the mean, by the normal distribution."""
    return 1.96 * statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0


def quantile(ordered: Sequence[float], share: float) -> float:
    """0 where there is nothing."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
