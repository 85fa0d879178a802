"""The figures of abstention, and the groups that are left out to make questions unanswerable."""

import json
from pathlib import Path

import pytest

from documents.models import Category
from rag.evaluation.abstention import rates, without_group
from rag.evaluation.dataset import dataset_read
from rag.retrieval import Scope


def test_the_figures_are_those_of_the_definitions() -> None:
    figures = rates([0.9] * 19 + [0.1], [0.95, 0.4, 0.3, 0.05], threshold=0.5)
    assert figures["false answers"] == 0.25
    assert figures["false refusals"] == 0.05
    assert figures["refused at 95% kept"] == 0.75
    assert figures["auroc"] == pytest.approx((19 * 3 + 1) / 80, abs=1e-4)


def test_the_group_of_a_question_is_left_out(tmp_path: Path) -> None:
    rows = [{"_id": "p1", "text": "a", "metadata": {"src": "Git"}}, {"_id": "p2", "text": "b", "title": "Python"}]
    (tmp_path / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "queries.jsonl").write_text(json.dumps({"_id": "q", "text": "?"}))
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text("q\tp1\t1\n")
    dataset = dataset_read(tmp_path)
    assert dataset.groups == {"p1": "Git", "p2": "Python"}
    keys = {name: Category.objects.create(name=name).pk for name in ("Git", "Python")}
    rest = without_group(dataset, Scope(frozenset()), "q")
    assert rest is not None
    assert rest.categories is not None
    assert keys["Python"] in rest.categories
    assert keys["Git"] not in rest.categories
