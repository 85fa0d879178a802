"""Grounded's ranking beside its peers': python -m benchmarks.peers DATASET_DIR

The peers get the very passages and vectors that Grounded has made of the dataset, and their own defaults:

- Haystack: BM25 and dense retrieval, joined by reciprocal rank fusion, and each of the two alone;
- plain FAISS (inner product, exact) and plain bm25s (Lucene's BM25 with English stemming and stop words).

The last column is the processor time of a question whose vector is known: of Grounded's whole search, with the look at
what the asker may see and the second stage, and of the peers' ranking alone.

They live in an environment of their own:

    python3 -m venv .venv-peers && .venv-peers/bin/pip install --require-hashes -r benchmarks/peers/requirements.txt
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import django

PEERS = Path(".venv-peers/bin/python")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--queries", type=int, help="So many of the questions, spread evenly; all if not given.")
    options = parser.parse_args()
    if not PEERS.exists():
        sys.exit(__doc__)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    django.setup()
    from rag.evaluation.scratch import scratch_environment, scratch_name

    environment = scratch_environment(scratch_name(options.dataset))
    dataset = str(options.dataset.resolve())
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "manage.py", "evaluate", dataset, "--measure"], check=True)  # noqa: S603
        export = [sys.executable, "-m", "benchmarks.peers.export", dataset, folder, str(options.queries or 0)]
        subprocess.run(export, check=True, env=environment)  # noqa: S603
        offline = {**os.environ, "HAYSTACK_TELEMETRY_ENABLED": "False"}
        subprocess.run([str(PEERS), "benchmarks/peers/rank.py", folder], check=True, env=offline)  # noqa: S603
        ranked, taken = (
            {path.stem: json.loads(path.read_text()) for path in Path(folder).glob(f"{kind}/*.json")}
            for kind in ("ranked", "taken")
        )
        _show(options.dataset, ranked, taken)


def _show(directory: Path, ranked: dict[str, dict[str, list[str]]], taken: dict[str, list[float]]) -> None:
    from rich.console import Console
    from rich.table import Table

    from rag.evaluation.dataset import dataset_read
    from rag.evaluation.retrieval import Scores

    dataset = dataset_read(directory)
    names = sorted(ranked, key=lambda name: (not name.startswith("Grounded"), name))
    found = {name: Scores() for name in names}
    for query in ranked[names[0]]:
        for name in names:
            found[name].add(ranked[name][query], dataset.relevant[query])
    table = Table(title=f"{directory.name}: {len(ranked[names[0]])} questions, {len(dataset.corpus)} passages")
    for column in ("", "nDCG@10", "recall@1", "recall@10", "Grounded's lead in nDCG@10 (95 %)", "CPU ms p50"):
        table.add_column(column, justify="left" if not column else "right")
    ours = found[names[0]].values["ndcg@10"]
    for name in names:
        figures = found[name].summary()
        lead = "" if name == names[0] else _lead(ours, found[name].values["ndcg@10"])
        numbers = (f"{figures[key]:.3f}" for key in ("ndcg@10", "recall@1", "recall@10"))
        table.add_row(name, *numbers, lead, f"{statistics.median(taken[name]):.1f}")
    Console(width=110).print(table)


def _lead(ours: list[float], theirs: list[float]) -> str:
    """The mean difference over the questions, with its bootstrap interval (both were asked the same ones)."""
    import numpy as np

    gaps = np.subtract(ours, theirs)
    again = np.random.default_rng(0).choice(gaps, (2000, len(gaps))).mean(axis=1)
    low, high = np.quantile(again, (0.025, 0.975))
    return f"{gaps.mean():+.3f} ({low:+.3f} to {high:+.3f})"


if __name__ == "__main__":
    main()
