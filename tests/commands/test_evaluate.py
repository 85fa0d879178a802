"""`manage.py evaluate DATASET_DIR`: measures in a scratch space, which a second run uses again."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from rag.evaluation.answers import cited_sentences, holds
from rag.evaluation.dataset import DatasetError, dataset_read
from rag.evaluation.retrieval import Scores

pytestmark = pytest.mark.once

PASSAGES = {
    "p1": "Bread is baked from flour, water, salt and yeast in a hot oven.",
    "p2": "A bicycle has two wheels, a frame and a chain that drives the rear wheel.",
    "p3": "The moon circles the earth in a little over twenty-seven days.",
    "p4": "Olive trees live for many centuries around the Mediterranean.",
}
GOLD = {"q1": ["the flour", "water"], "q2": ["a year"]}
QUERIES = {"q1": "What is bread made of?", "q2": "How long does the moon take around the earth?"}


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    with gzip.open(tmp_path / "corpus.jsonl.gz", "wt") as file:
        for key, text in PASSAGES.items():
            file.write(json.dumps({"_id": key, "title": "", "text": text}) + "\n")
    (tmp_path / "queries.jsonl").write_text(
        "\n".join(
            json.dumps({"_id": key, "text": text, "metadata": {"answers": GOLD.get(key, [])}})
            for key, text in {**QUERIES, "q3": "No answer"}.items()
        )
    )
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\tp1\t1\nq2\tp3\t1\n")
    return tmp_path


def run(dataset: Path, data_dir: Path, *options: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "manage.py", "evaluate", str(dataset), "--json", *options],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "DJANGO_SETTINGS_MODULE": "config.settings.local",
            "DATA_DIR": str(data_dir),
            "MODEL_DIR": str(settings.RAG["MODEL_DIR"]),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def test_it_measures_all_modes_and_indexes_only_once(dataset: Path, tmp_path: Path) -> None:
    first = run(dataset, tmp_path / "var")
    assert first["recall@1"] == first["ndcg@10"] == first["mrr@10"] == 1.0
    assert set(first["modes"]) == {"hybrid", "dense", "lexical"}
    assert (first["passages"], first["queries"], first["passages_indexed"]) == (4, 2, 4)
    assert first["query_ms_p50"] <= first["query_ms_p99"]
    assert {"embedding_ms_p50", "dense_ms_p50", "lexical_ms_p50", "closer look_ms_p50"} <= first.keys()
    html = str(tmp_path / "report.html")
    again = run(dataset, tmp_path / "var", "--html", html, "--measure", "retrieval", "answers")
    assert again["passages_indexed"] == 0
    assert again["ndcg@10"] == 1.0
    answers = again["answers"]["answers"]
    assert (answers["hold_gold"], answers["refused"], answers["sentences_cited"]) == (0.5, 0.0, 1.0)
    assert (answers["citations"], answers["citations_dangling"]) == (2, 0)
    assert answers["words_p50"] <= answers["words_p95"] <= 80
    page = (tmp_path / "report.html").read_text()
    assert "<h2>retrieval</h2>" in page
    assert "hold_gold" in page
    assert "src=" not in page  # it can be mailed: nothing is loaded from elsewhere
    assert not (tmp_path / "var" / "db.sqlite3").exists()


@pytest.mark.parametrize(
    ("text", "gold", "held"),
    [
        ('In the "10th"  century. [1]', ["10th century"], True),
        ("It was built. [1] In 1910. [2]", ["built in 1910"], True),
        ("It was a tower. [1]", ["The Tower!"], True),
        ("It was a tower. [1]", ["house", "..."], False),
        ("It was a tower. [1]", [], False),
    ],
)
def test_gold_strings_are_looked_for_in_a_plain_form(text: str, gold: list[str], held: bool) -> None:
    assert holds(text, gold) is held


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("One. [1] Two [2]. Three. [1][2]", [True, True, True]),
        ("One. Two. [1] Three.", [False, True, False]),
        ("To do it: [1]\n\n1. First. [1]\n2. Second.", [True, True, False]),
        ("Run: [1]\n\n```\na[0] = 1. b\n```\n[1]", [True, True]),
        ("| a | b |\n|-|-|\n| One. | Two. |\n\n[1]", [True]),
        ("Eins。 [1] 二。", [True, False]),
    ],
)
def test_sentences_are_cited_where_a_marker_follows(text: str, cited: list[bool]) -> None:
    assert cited_sentences(text) == cited


def test_the_figures_are_those_of_the_definitions() -> None:
    scores = Scores()
    scores.add(["x", "a", "y", "b"], {"a": 1, "b": 1, "c": 1})
    scores.add(["x"], {"a": 1})
    summary = scores.summary()
    assert summary["recall@1"] == 0
    assert summary["recall@3"] == summary["recall@10"] == 0.5
    assert summary["mrr@10"] == 0.25
    # (1/log2(3) + 1/log2(5)) / (1 + 1/log2(3) + 1/log2(4)) = 0.4982, and a question with nothing found.
    assert summary["ndcg@10"] == pytest.approx(0.4982 / 2, abs=1e-4)


@pytest.mark.parametrize("missing", ["corpus.jsonl.gz", "queries.jsonl", "qrels/test.tsv"])
def test_a_missing_file_is_named(dataset: Path, missing: str) -> None:
    (dataset / missing).unlink()
    with pytest.raises(DatasetError, match=missing.removesuffix(".gz").rpartition("/")[2]):
        dataset_read(dataset)


def test_a_broken_line_is_named(dataset: Path) -> None:
    (dataset / "queries.jsonl").write_text('{"_id": "q1", "text": "a"}\n{"_id"\n')
    with pytest.raises(DatasetError, match="line 2"):
        dataset_read(dataset)
