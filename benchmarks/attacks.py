"""How far attacks get: python -m benchmarks.attacks [DATASET_DIR …]

For each part of the corpus in tests/attacks and each technique: how many attacks a model obeys that obeys whatever it
can see, in a naive prompt and in ours; and how many the ingestion filter sets aside. Then how many of the handbook's
pages, and of the passages of datasets in BEIR layout, it sets aside wrongly, and how long it takes for 10 KB.
"""

import argparse
import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
django.setup()

from django.conf import settings  # noqa: E402 - after the settings
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from documents.screening.screening import screen  # noqa: E402
from rag.evaluation.dataset import dataset_read  # noqa: E402
from rag.prompts import messages  # noqa: E402
from tests.attacks.corpus import ALL, OUTSIDE, Attack  # noqa: E402
from tests.attacks.scenes import naive, scene  # noqa: E402
from tests.loopback.obedience import obeyed  # noqa: E402


def _found(attack: Attack) -> bool:
    put = scene(attack)
    return bool(screen(text=put.text, title=put.title, file_name=put.file_name, metadata=put.author))


def _row(attacks: Sequence[Attack]) -> list[str]:
    inside = [attack for attack in attacks if attack.place not in OUTSIDE]
    return [
        str(len(attacks)),
        str(sum(obeyed(naive(scene(attack))) is not None for attack in attacks)),
        str(sum(obeyed(messages(scene(attack).prompt())) is not None for attack in attacks)),
        f"{sum(map(_found, inside))} of {len(inside)}",
    ]


def _attacks(console: Console) -> None:
    for title, field in (("part", "half"), ("technique", "technique")):
        table = Table(title, "attacks", "naive prompt obeyed", "ours obeyed", "set aside")
        for name in dict.fromkeys(str(getattr(attack, field)) for attack in ALL):
            table.add_row(name, *_row([attack for attack in ALL if getattr(attack, field) == name]))
        table.add_row("all", *_row(ALL))
        console.print(table)


def _harmless(name: str, texts: Iterable[tuple[str, str]], console: Console) -> None:
    listed = list(texts)
    started = time.process_time()
    wrong = sum(bool(screen(text=text, title=title)) for title, text in listed)
    seconds = time.process_time() - started
    speed = seconds * 1e3 / (sum(len(text) for _, text in listed) / 10_000)
    console.print(f"{name}: {wrong} of {len(listed)} set aside ({wrong / len(listed):.2%}), {speed:.1f} ms for 10 KB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", nargs="*", type=Path, metavar="DATASET_DIR")
    datasets = parser.parse_args().datasets
    console = Console()
    _attacks(console)
    pages = sorted((settings.BASE_DIR / "documents" / "library").glob("*/*.md"))
    _harmless("handbook", ((page.stem, page.read_text(encoding="utf-8")) for page in pages), console)
    for directory in datasets:
        _harmless(directory.name, dataset_read(directory).corpus.values(), console)


if __name__ == "__main__":
    main()
