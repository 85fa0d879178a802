"""How fast the offline embedder is and how much memory it takes: python -m benchmarks.embedder [--rounds 7]

Texts are made up, of 150 to 256 tokens: the time depends on their lengths only. Speed for one core is in CPU time,
so that other work on the machine disturbs it little; each figure is the median of the rounds.
"""

import argparse
import multiprocessing
import os
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
django.setup()

from rag.embedders.local import LocalEmbedder  # noqa: E402 - after the settings

_WORDS = "the a refund order of book price in winter library closes on Sunday password must have twelve letters".split()
_QUESTION = "How do I get my money back for a book that I returned?"


def _build() -> None:
    LocalEmbedder.from_settings(settings.RAG).embed([_QUESTION], "query")


def _texts(count: int) -> list[str]:
    chosen = random.Random(1)  # noqa: S311 - the same texts on every run
    return [" ".join(chosen.choices(_WORDS, k=chosen.randint(148, 236))) + "." for _ in range(count)]


def _seconds(call: Callable[[], object], clock: Callable[[], float], rounds: int) -> float:
    """Median duration of a call."""
    durations = []
    for _ in range(rounds):
        start = clock()
        call()
        durations.append(clock() - start)
    return statistics.median(durations)


def _peak_megabytes() -> float:
    # macOS counts bytes, Linux kilobytes.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=7)
    rounds: int = parser.parse_args().rounds

    # Elsewhere, so that the memory which building takes is not counted here.
    builder = multiprocessing.get_context("spawn").Process(target=_build)
    builder.start()
    builder.join()
    embedder = LocalEmbedder.from_settings(settings.RAG)
    load = _seconds(lambda: embedder.embed([_QUESTION], "query"), time.perf_counter, 1)
    query = _seconds(lambda: embedder.embed([_QUESTION], "query"), time.perf_counter, 10 * rounds)
    idle = _peak_megabytes()

    texts = _texts(64)
    counts = embedder.count_tokens(texts)
    tokens = sum(counts)
    cpu = _seconds(lambda: embedder.embed(texts, "document"), time.process_time, rounds)
    wall = _seconds(lambda: embedder.embed(texts, "document"), time.perf_counter, rounds)

    lines = {
        "texts": f"{len(texts)} of {min(counts)} to {max(counts)} tokens",
        "load of a built model and first query": f"{load:.2f} s",
        "one query": f"{query * 1000:.1f} ms",
        "tokens a second and core": f"{tokens / cpu:,.0f}",
        f"tokens a second, {os.cpu_count()} cores": f"{tokens / wall:,.0f}",
        "peak memory after queries": f"{idle:.0f} MB",
        "peak memory after documents": f"{_peak_megabytes():.0f} MB",
    }
    for name, value in lines.items():
        print(f"{name:40} {value}")  # noqa: T201 - a command's output


if __name__ == "__main__":
    main()
