"""How well questions that mean the same are put together: python -m benchmarks.gap_groups.measure [--sweep]

The questions of tuned.txt and kept.txt beside this file, a group in each paragraph: pairs of a group are to be put
together, all other pairs are not. The thresholds of rag/grouping.py were chosen on tuned.txt; kept.txt tells how good
they are. ``--sweep`` shows other thresholds.
"""

import argparse
import os
import tempfile
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.scratch"
    os.environ["MODEL_DIR"] = os.environ.get("MODEL_DIR", str(Path(__file__).parents[2] / "var" / "models"))
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="gaps-")

    import django

    django.setup()

from django.core.management import call_command

from rag.boundaries import embedder
from rag.embedders.base import Vectors
from rag.grouping import BY_MEANING, BY_WORDS, stars, word_vectors
from rag.vectors import space_ensure


def labelled(name: str) -> tuple[list[str], list[int]]:
    """Questions, and the number of each one's group."""
    paragraphs = (Path(__file__).parent / f"{name}.txt").read_text(encoding="utf-8").strip().split("\n\n")
    pairs = [(line, number) for number, part in enumerate(paragraphs) for line in part.splitlines()]
    return [text for text, _ in pairs], [number for _, number in pairs]


def agreement(wanted: Sequence[int], found: Sequence[Sequence[int]]) -> tuple[float, float, float]:
    """Precision, recall and F1 over pairs."""
    own = {place: number for number, group in enumerate(found) for place in group}
    pairs = list(combinations(range(len(wanted)), 2))
    same = {pair for pair in pairs if wanted[pair[0]] == wanted[pair[1]]}
    put = {pair for pair in pairs if own[pair[0]] == own[pair[1]]}
    precision, recall = len(same & put) / max(1, len(put)), len(same & put) / len(same)
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sweep", action="store_true")
    sweep = parser.parse_args().sweep
    call_command("migrate", verbosity=0)
    model = embedder()
    assert model, "the local model is not installed"  # noqa: S101
    space = space_ensure(model)

    def told(kind: str, vectors: Vectors, wanted: Sequence[int], threshold: float, near: float) -> None:
        precision, recall, f1 = agreement(wanted, stars(vectors, near=near))
        print(f"  by {kind} from {threshold:.3f}: precision {precision:.2f}, recall {recall:.2f}, F1 {f1:.2f}")  # noqa: T201

    for name in ("tuned", "kept"):
        questions, wanted = labelled(name)
        print(f"{name}: {len(questions)} questions in {len(set(wanted))} groups")  # noqa: T201
        meanings, words = model.embed(questions, "query"), word_vectors(questions)
        for step in range(-4, 5) if sweep else (0,):
            threshold = BY_MEANING + 0.02 * step
            told("meaning", meanings, wanted, threshold, threshold * (1 - space.unrelated) + space.unrelated)
        for step in range(-4, 5) if sweep else (0,):
            told("words", words, wanted, BY_WORDS + 0.025 * step, BY_WORDS + 0.025 * step)


if __name__ == "__main__":
    main()
