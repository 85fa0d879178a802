"""What a report of a large day costs: python -m benchmarks.reports [--answers 50000] [--gaps 5000]

A day with so many questions and answers, and as many again the day before; then how long its numbers take and the most
memory beyond what the process had. Then so many knowledge gaps, made of the labelled questions of
``benchmarks/gap_groups`` with further words, are grouped by meaning and by words. With DATABASE_URL in that database,
which must be empty; else on SQLite.
"""

import argparse
import os
import random
import resource
import tempfile
import time
from datetime import UTC, date, datetime

os.environ["DJANGO_SETTINGS_MODULE"] = (
    "config.settings.local" if os.environ.get("DATABASE_URL") else "config.settings.scratch"
)
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="reports-")
os.environ["LOG_LEVEL"] = "ERROR"

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from background_tasks.reports.counting import day_counted  # noqa: E402
from background_tasks.reports.days import Day  # noqa: E402
from benchmarks.gap_groups.measure import labelled  # noqa: E402
from rag.boundaries import embedder  # noqa: E402
from rag.gap_groups import gaps_embed, gaps_grouped  # noqa: E402
from rag.models import KnowledgeGap  # noqa: E402
from tests.background_tasks.activity import Living  # noqa: E402

_DAY = Day(date(2026, 10, 25), "Europe/Berlin")


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def peak() -> float:
    """The most memory so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def counting(answers: int) -> None:
    began = time.monotonic()
    for day in (_DAY.shifted(-1), _DAY):
        Living(1, begins=day.begins, ends=day.ends, prefix=f"{day.date}").live(answers)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    say(f"two days of {answers:,} exchanges made in {time.monotonic() - began:.0f} s")
    day_counted(Day(date(2020, 1, 1), "UTC"))
    before = peak()
    for _ in range(2):
        began = time.monotonic()
        counted = day_counted(_DAY)
        took, more = time.monotonic() - began, peak() - before
        say(
            f"counted in {took:.2f} s: {counted['answers']['total']:,} answers; {more:.1f} MB more than the most before"
        )


def grouping(count: int) -> None:
    chance, (questions, _) = random.Random(2), labelled("tuned")  # noqa: S311
    words = sorted({word for question in questions for word in question.split()})
    texts = {f"{chance.choice(questions)} {' '.join(chance.sample(words, 2))}" for _ in range(2 * count)}
    rows = [
        KnowledgeGap(key=f"{place:064}", question=text, confidence=0, best_score=0, last_asked=datetime.now(UTC))
        for place, text in enumerate(sorted(texts)[:count])
    ]
    KnowledgeGap.objects.bulk_create(rows)
    began = time.monotonic()
    by_words = gaps_grouped(KnowledgeGap.objects.all(), wait_for=0)
    say(f"{len(rows):,} gaps by words: {len(by_words.groups):,} groups in {time.monotonic() - began:.1f} s")
    if embedder() is None:
        return
    began = time.monotonic()
    gaps_embed(most=len(rows))
    say(f"embedded, once, in {time.monotonic() - began:.1f} s")
    before, began = peak(), time.monotonic()
    found = len(gaps_grouped(KnowledgeGap.objects.all()).groups)
    say(f"by meaning: {found:,} groups in {time.monotonic() - began:.1f} s, {peak() - before:.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=50_000)
    parser.add_argument("--gaps", type=int, default=5000)
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    counting(options.answers)
    grouping(options.gaps)


if __name__ == "__main__":
    main()
