"""How much faster two workers index than one: python -m benchmarks.workers [--documents 240] [--rounds 3]

Embeddings come from a stand-in for Mistral that takes 100 ms a call, as the service may; the database is the one that
DATABASE_URL names (it must be empty: the documents are deleted afterwards), else SQLite in a folder that is thrown
away. One worker and two take turns; each time is from the first version claimed to the last one published.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

_CALL = 0.1
_WORDS = "the a refund order of book price in winter library closes on Sunday password must have twelve letters".split()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--documents", type=int, default=240)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, _mistral() as url:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings.local",
            "ENV_FILE": os.devnull,
            "DATA_DIR": folder,
            "MISTRAL_API_KEY": "loopback-key",
            "MISTRAL_SERVER_URL": url,
            "LOG_LEVEL": "ERROR",
        }
        django.setup()
        _compare(options.documents, options.rounds)


@contextmanager
def _mistral() -> Iterator[str]:
    """In a process of its own, so that it takes no time from the one that measures."""
    command = [sys.executable, "-m", "tests.loopback.mistral", "--slow", str(_CALL)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as service:  # noqa: S603 - ourselves
        try:
            yield service.stdout.readline().split()[0] if service.stdout else ""
        finally:
            service.terminate()


def _compare(documents: int, rounds: int) -> None:
    from django.core.management import call_command

    from documents.models import Document
    from documents.publishing import document_delete

    call_command("migrate", verbosity=0)
    seconds: dict[int, list[float]] = {1: [], 2: []}
    for number in range(rounds):
        for workers in (1, 2):
            _submit(documents, seed=10 * number + workers)
            seconds[workers].append(_index(workers))
            for document in Document.objects.all():
                document_delete(document=document)
            print(f"{workers} worker(s): {seconds[workers][-1]:.1f} s", flush=True)  # noqa: T201
    one, two = (statistics.median(seconds[workers]) for workers in (1, 2))
    print(f"{documents} documents: {one:.1f} s with one worker, {two:.1f} s with two: {one / two:.2f} times as fast")  # noqa: T201


def _submit(documents: int, seed: int) -> None:
    from documents.services import Submission, documents_submit

    chosen = random.Random(seed)  # noqa: S311
    submissions = []
    for number in range(documents):
        sections = (
            f"## Section {section}\n\n{' '.join(chosen.choices(_WORDS, k=180))} {chosen.random()}."
            for section in range(chosen.randint(4, 12))
        )
        text = f"# Document {number}\n\n" + "\n\n".join(sections)
        submissions.append(Submission(text.encode(), f"{seed}-{number}.md", f"{seed}-{number}.md"))
    documents_submit(submissions=submissions)


def _index(workers: int) -> float:
    from documents.models import PENDING_STATES, State, Version

    root = Path(__file__).resolve().parent.parent
    command = [sys.executable, "manage.py", "run_worker", "--once"]
    running = [subprocess.Popen(command, cwd=root) for _ in range(workers)]  # noqa: S603 - ourselves
    started = 0.0
    while True:
        left = Version.objects.filter(state__in=PENDING_STATES)
        if not started and left.exclude(state=State.QUEUED).exists():
            started = time.perf_counter()
        if not left.exists():
            ended = time.perf_counter()
            break
        time.sleep(0.02)
    for process in running:
        process.wait()
    assert not Version.objects.filter(state=State.FAILED).exists()  # noqa: S101
    return ended - started


if __name__ == "__main__":
    main()
