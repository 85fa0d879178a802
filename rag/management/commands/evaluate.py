"""``manage.py evaluate DATASET_DIR``: how good and how fast retrieval is, on a set with known answers."""

import hashlib
import json
import os
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from documents.models import Document, Visibility
from documents.publishing import document_delete
from documents.services import Submission, collection_ensure
from rag.boundaries import Choice, chosen, chosen_or_configured
from rag.bulk import Summary, index_all
from rag.evaluation import Dataset, DatasetError, dataset_read, evaluate
from rag.moving import choice_switch
from rag.retrieval import Scope
from utils.errors import GroundedError


class Command(BaseCommand):
    help = (
        "Measure retrieval on a dataset in BEIR layout (corpus.jsonl, queries.jsonl, qrels/test.tsv; .gz too). "
        "It is indexed into a scratch space under DATA_DIR/evaluations, which a second run uses again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dataset", type=Path, metavar="DATASET_DIR")
        parser.add_argument("--embedder", metavar="DOTTED.PATH", help="Another one than that in use, to compare.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object instead of a table.")

    def handle(self, *args: Any, **options: Any) -> None:
        directory: Path = options["dataset"].resolve()
        model: str = options["embedder"] or ""
        if not settings.SCRATCH:
            model = model or chosen_or_configured().embedder or ""
            sys.exit(_in_scratch(directory, model, as_json=options["json"]))
        try:
            dataset = dataset_read(directory)
            console = Console(stderr=True)
            summary = _index(dataset, model, console)
            modes = _ask(dataset, console)
        except DatasetError as error:
            raise CommandError(str(error)) from error
        except GroundedError as error:
            raise CommandError(error.detail) from error
        if options["json"]:
            self.stdout.write(json.dumps(_figures(dataset, summary, modes), indent=2))
        else:
            _show(dataset, summary, modes)


def _in_scratch(directory: Path, model: str, *, as_json: bool) -> int:
    """Run this command again with a database, files and indexes that hold nothing but the dataset."""
    scratch = settings.DATA_DIR / "evaluations" / f"{directory.name}-{hashlib.sha256(bytes(directory)).hexdigest()[:8]}"
    scratch.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "evaluate", str(directory)]
    command += ["--embedder", model] if model else []
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.scratch",
        "DATA_DIR": str(scratch),
        "MODEL_DIR": str(settings.RAG["MODEL_DIR"]),
    }
    return subprocess.call([*command, "--json"] if as_json else command, env=environment)  # noqa: S603 - ourselves


def _index(dataset: Dataset, model: str, console: Console) -> Summary:
    call_command("migrate", verbosity=0)
    to = Choice(model, settings.RAG["VECTOR_STORE"])
    if model and to != chosen():
        choice_switch(to=to, progress=lambda *_: None, settle=0)
    collection = collection_ensure(slug="evaluation", name="Evaluation", visibility=Visibility.PUBLIC)
    submissions = (
        Submission(text.encode("utf-8", "replace"), f"{passage}.txt", source_uri=passage, title=title)
        for passage, (title, text) in dataset.corpus.items()
    )
    summary = index_all(submissions=submissions, total=len(dataset.corpus), collection=collection, console=console)
    for document in Document.objects.filter(collection=collection).iterator():
        if document.source_uri not in dataset.corpus:
            document_delete(document=document)
    summary.show(console)
    return summary


def _ask(dataset: Dataset, console: Console) -> dict[str, dict[str, float]]:
    collection = collection_ensure(slug="evaluation", name="Evaluation", visibility=Visibility.PUBLIC)
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task("Asking", total=len(dataset.queries))
        scope = Scope(frozenset([collection.pk]))
        return evaluate(dataset=dataset, scope=scope, progress=lambda: progress.advance(bar))


def _figures(dataset: Dataset, summary: Summary, modes: dict[str, dict[str, float]]) -> dict[str, Any]:
    return {
        **modes["hybrid"],
        "passages": len(dataset.corpus),
        "queries": len(dataset.queries),
        "passages_indexed": summary.indexed,
        "passages_failed": len(summary.failed),
        "index_seconds": round(summary.seconds, 2),
        "passages_per_s": round(len(dataset.corpus) / summary.seconds, 1) if summary.seconds else None,
        "modes": modes,
    }


def _show(dataset: Dataset, summary: Summary, modes: dict[str, dict[str, float]]) -> None:
    console = Console()
    table = Table(title=f"{len(dataset.queries)} questions, {len(dataset.corpus)} passages")
    table.add_column("")
    for mode in modes:
        table.add_column(mode, justify="right")
    for name in modes["hybrid"]:
        table.add_row(name, *(f"{figures[name]:.4g}" for figures in modes.values()))
    console.print(table)
    speed = len(dataset.corpus) / summary.seconds if summary.seconds else 0
    console.print(f"Indexing: {summary.seconds:.1f} s, {speed:.0f} passages a second ({summary.indexed} new).")
