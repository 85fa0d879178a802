"""How well questions that the knowledge base does not answer are told from those that it answers.

A question is made unanswerable by leaving out what answers it: the whole article or manual, told by its category.
Others are unanswerable as they are: those of another domain, and those that the set says no passage answers.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import get_args

import numpy as np
from django.conf import settings

from documents.models import Category
from rag.answerability.features import NAMES
from rag.answerability.judging import measure as measure_features
from rag.answerability.parts import search_parts
from rag.evaluation.dataset import Dataset
from rag.evaluation.measuring import Figures, Progress
from rag.retrieval import CANDIDATES, Mode, Scope, search

KEPT = 0.95
MOST = 1000
"""Questions of a kind; where there are more, the same ones are drawn each time."""


def measure(dataset: Dataset, scope: Scope, progress: Progress) -> Figures:
    """A column for each way of making questions unanswerable."""
    searches = list(questions(dataset, scope))
    confidences: dict[str, list[float]] = {}
    for kind, text, where in progress(searches):
        result = search_parts(question=text, scope=where, top_k=settings.RAG["TOP_K"])
        confidences.setdefault(kind, []).append(result.found.confidence)
    answerable = confidences.pop("answerable", [])
    return {
        kind: rates(answerable, others, threshold=settings.RAG["THRESHOLD"]) for kind, others in confidences.items()
    }


def rows(dataset: Dataset, scope: Scope, progress: Progress) -> Figures:
    """The features of each question, for fitting: a column for each, named by its kind, the mode and a number."""
    found: dict[str, dict[str, float]] = {}
    asked = [(mode, *question) for question in questions(dataset, scope) for mode in get_args(Mode)]
    for number, (mode, kind, text, where) in enumerate(progress(asked)):
        if kind != "adversarial":  # not to be told by what a search finds
            hits = search(query=text, scope=where, top_k=CANDIDATES // 2, mode=mode).hits
            numbers = measure_features(text, hits) if hits else np.zeros(len(NAMES))
            found[f"{kind}/{mode}/{number}"] = dict(zip(NAMES, map(float, numbers), strict=True))
    return found


def questions(dataset: Dataset, scope: Scope) -> Iterator[tuple[str, str, Scope]]:
    """Kind, text and what is searched of each question: those that are answered are of the kind "answerable"."""
    for key, text in sampled(dataset.queries).items():
        yield "answerable", text, scope
        rest = without_group(dataset, scope, key)
        if rest:
            yield "removed", text, rest
    for text in sampled(dataset.others).values():
        yield "other domain", text, scope
    for text in sampled(dataset.unanswerable).values():
        yield "adversarial", text, scope


def sampled(questions: Mapping[str, str], most: int = MOST) -> dict[str, str]:
    keys = sorted(questions)
    return {key: questions[key] for key in random.Random(0).sample(keys, min(most, len(keys)))}  # noqa: S311 - a sample


def rates(answerable: Sequence[float], others: Sequence[float], *, threshold: float) -> dict[str, float]:
    """The figures of one way, from the confidences of answerable questions and of others."""
    yes, no = np.array(answerable), np.array(others)
    above = (yes[:, None] > no[None, :]).mean() + (yes[:, None] == no[None, :]).mean() / 2
    return {
        "auroc": round(float(above), 4),
        f"refused at {KEPT:.0%} kept": round(float((no < np.quantile(yes, 1 - KEPT)).mean()), 4),
        "false answers": round(float((no >= threshold).mean()), 4),
        "false refusals": round(float((yes < threshold).mean()), 4),
        "answerable": len(yes),
        "unanswerable": len(no),
    }


def without_group(dataset: Dataset, scope: Scope, query: str) -> Scope | None:
    """The scope without what answers a query; None where the set has no groups."""
    groups = {name.lower() for name in dataset.groups_of(query)} - {""}
    categories = {name.lower(): key for name, key in Category.objects.values_list("name", "pk")}
    if not groups or not groups < {group.lower() for group in dataset.groups.values()}:
        return None
    return replace(scope, categories=frozenset(key for name, key in categories.items() if name not in groups))
