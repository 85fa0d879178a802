"""The confidence that a search has found an answer: the features of its result, weighed as this knowledge base needs.

The weights are those of the newest calibration (rag/calibration.py) that was made for the embedder in use and for the
ranking as it is, else the shipped ones.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from django.db.models import QuerySet

from rag import closer_look, ranking, reading
from rag.answerability import features
from rag.answerability.model import Model
from rag.boundaries import embedder, lexical_index
from rag.models import Calibration

if TYPE_CHECKING:
    from rag.retrieval import Hit

DEPTH = features.DEPTH
"""Hits that the confidence rests on."""
SHIPPED = Path(__file__).with_name("shipped.json")
"""Made by ``manage.py calibrate --ship``; see docs/abstention.md."""


def confidence(question: str, hits: "Sequence[Hit]", mode: str) -> float:
    """The probability that the hits, best first, hold an answer; 0 where there are none."""
    if not hits:
        return 0.0
    return models()[mode].confidence(measure(question, hits))


def measure(question: str, hits: "Sequence[Hit]") -> npt.NDArray[np.float64]:
    """The features of a search's result."""
    index = lexical_index()
    weights = index.weights_or_none(question)
    return features.features(question, hits, weights, index.count() if weights else 0)


def models() -> Mapping[str, Model]:
    """Mode → the model in use."""
    key = _in_use().values_list("pk", "created_at").first()
    return _fitted(*key) if key else shipped()


@lru_cache(maxsize=4)
def _fitted(key: int, _created_at: datetime) -> Mapping[str, Model]:
    return _read(Calibration.objects.get(pk=key).weights)


def in_use() -> Calibration | None:
    """The calibration in use; None: the shipped weights are."""
    return _in_use().first()


def made() -> datetime | None:
    """When the calibration in use was made; None: the shipped weights are in use."""
    return _in_use().values_list("created_at", flat=True).first()


def _in_use() -> QuerySet[Calibration]:
    return Calibration.objects.filter(space=space_name(), ranking=fingerprint())


@cache
def shipped() -> Mapping[str, Model]:
    return _read(json.loads(SHIPPED.read_text())["weights"])


def space_name() -> str:
    """Of the embedder in use; empty where there is none."""
    model = embedder()
    return model.name if model else ""


@cache
def fingerprint() -> str:
    """Of all numbers that the ranking rests on, and of the features: with others, weights mean something else."""
    modules = (ranking, closer_look, reading)
    numbers = {name: value for module in modules for name, value in vars(module).items() if name.isupper()}
    told = repr((sorted(numbers.items()), features.NAMES, features.DEPTH, features.READ, features.WINDOW))
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _read(weights: Mapping[str, Mapping[str, float]]) -> Mapping[str, Model]:
    return {mode: Model.read(kept) for mode, kept in weights.items()}
