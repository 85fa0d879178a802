"""``manage.py evaluate DATASET_DIR``: how good and how fast retrieval is, on a set with known answers."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from documents.models import Document, Visibility
from documents.publishing import document_delete
from documents.services import Submission, category_ensure, collection_ensure
from rag.boundaries import Choice, chosen, chosen_or_configured
from rag.bulk import Summary, index_all
from rag.evaluation import ablation, abstention, answers, retrieval
from rag.evaluation.dataset import Dataset, DatasetError, dataset_read
from rag.evaluation.measuring import INTERVAL, Figures, Measure
from rag.evaluation.report import report
from rag.evaluation.scratch import run_in_scratch, scratch_name
from rag.followers import follow_all
from rag.moving import choice_switch
from rag.retrieval import Scope
from utils.errors import GroundedError

MEASURES: Mapping[str, Measure] = {
    "retrieval": retrieval.measure,
    "ablation": ablation.measure,
    "answers": answers.measure,
    "abstention": abstention.measure,
    "features": abstention.rows,
}


_COLUMNS = 6
"""More ways to search than that are shown one a line."""


class Command(BaseCommand):
    help = (
        "Measure retrieval on a dataset in BEIR layout (corpus.jsonl, queries.jsonl, qrels/test.tsv; .gz too). "
        "It is indexed into a scratch space under DATA_DIR/evaluations, which a second run uses again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dataset", type=Path, metavar="DATASET_DIR")
        parser.add_argument("--embedder", metavar="DOTTED.PATH", help="Another one than that in use, to compare.")
        parser.add_argument(
            "--measure",
            nargs="*",
            choices=MEASURES,
            default=["retrieval"],
            help="What to measure (default: retrieval); nothing: index only.",
        )
        parser.add_argument(
            "--ablate",
            action="append_const",
            const="ablation",
            dest="measure",
            help="Also measure the search with each of its stages left out in turn.",
        )
        parser.add_argument(
            "--others",
            type=Path,
            metavar="DATASET_DIR",
            help="A set of another domain; abstention must refuse its questions.",
        )
        parser.add_argument("--html", type=Path, metavar="FILE", help="Write a report with plots, too.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object instead of a table.")

    def handle(self, *args: Any, **options: Any) -> None:
        directory: Path = options["dataset"].resolve()
        model: str = options["embedder"] or ""
        if not settings.SCRATCH:
            model = model or chosen_or_configured().embedder or ""
            sys.exit(run_in_scratch(scratch_name(directory), ["evaluate", directory, *_again(model, options)]))
        try:
            dataset = dataset_read(directory)
            if options["others"]:
                dataset = replace(dataset, others=dataset_read(options["others"]).queries)
            console = Console(stderr=True)
            summary = _index(dataset, model, console)
            tables = {name: _ask(MEASURES[name], dataset, console) for name in options["measure"]}
        except DatasetError as error:
            raise CommandError(str(error)) from error
        except GroundedError as error:
            raise CommandError(error.detail) from error
        if options["html"]:
            title = f"Evaluation on {directory.name}"
            told = {name: value for name, value in _told(dataset, summary).items() if value is not None}
            options["html"].write_text(report(title=title, told=told, tables=tables, made=timezone.now()), "utf-8")
        if options["json"]:
            self.stdout.write(json.dumps(_figures(dataset, summary, tables), indent=2))
        else:
            _show(dataset, summary, tables)


def _again(model: str, options: Mapping[str, Any]) -> list[str]:
    """The options of this command, for its run in the scratch space."""
    told = ["--embedder", model] if model else []
    told += ["--others", str(options["others"].resolve())] if options["others"] else []
    told += ["--html", str(options["html"].resolve())] if options["html"] else []
    told += ["--json"] if options["json"] else []
    return [*told, "--measure", *options["measure"]]


def _index(dataset: Dataset, model: str, console: Console) -> Summary:
    call_command("migrate", verbosity=0)
    to = Choice(model, settings.RAG["VECTOR_STORE"])
    if model and to != chosen():
        choice_switch(to=to, progress=lambda *_: None, settle=0)
    collection = collection_ensure(slug="evaluation", name="Evaluation", visibility=Visibility.PUBLIC)
    for group in filter(None, set(dataset.groups.values())):
        category_ensure(name=group)  # a measure can leave a group out of its search
    submissions = (
        Submission(
            text.encode("utf-8", "replace"),
            f"{passage}.txt",
            source_uri=passage,
            title=title,
            category=dataset.groups.get(passage, ""),
        )
        for passage, (title, text) in dataset.corpus.items()
    )
    summary = index_all(submissions=submissions, total=len(dataset.corpus), collection=collection, console=console)
    for document in Document.objects.filter(collection=collection).iterator():
        if document.source_uri not in dataset.corpus:
            document_delete(document=document)
    follow_all()  # an index of an older format is made anew, though nothing is to be indexed
    summary.show(console)
    return summary


def _ask(measure: Measure, dataset: Dataset, console: Console) -> Figures:
    collection = collection_ensure(slug="evaluation", name="Evaluation", visibility=Visibility.PUBLIC)
    with Progress(console=console, transient=True) as bar:
        return measure(
            dataset, Scope(frozenset([collection.pk])), lambda items: bar.track(list(items), description="Asking")
        )


def _figures(dataset: Dataset, summary: Summary, tables: Mapping[str, Figures]) -> dict[str, Any]:
    return {
        **tables.get("retrieval", {}).get("hybrid", {}),
        **_told(dataset, summary),
        "modes": tables.get("retrieval", {}),
        **{name: figures for name, figures in tables.items() if name != "retrieval"},
    }


def _told(dataset: Dataset, summary: Summary) -> dict[str, Any]:
    return {
        "passages": len(dataset.corpus),
        "queries": len(dataset.queries),
        "passages_indexed": summary.indexed,
        "passages_failed": len(summary.failed),
        "index_seconds": round(summary.seconds, 2),
        "passages_per_s": round(len(dataset.corpus) / summary.seconds, 1) if summary.seconds else None,
    }


def _show(dataset: Dataset, summary: Summary, tables: Mapping[str, Figures]) -> None:
    console = Console()
    for name, figures in tables.items():
        table = Table(title=f"{name}: {len(dataset.queries)} questions, {len(dataset.corpus)} passages")
        measured = dict.fromkeys(row for column in figures.values() for row in column if not row.endswith(INTERVAL))
        cells = {(way, row): _cell(column, row) for way, column in figures.items() for row in measured}
        if len(figures) <= _COLUMNS:
            across, down = list(figures), list(measured)
            cells = {(row, way): cell for (way, row), cell in cells.items()}
        else:
            across, down = list(measured), list(figures)
        for heading in ("", *across):
            table.add_column(heading, justify="right" if heading else "left")
        for line in down:
            table.add_row(line, *(cells[line, heading] for heading in across))
        console.print(table)
    speed = len(dataset.corpus) / summary.seconds if summary.seconds else 0
    console.print(f"Indexing: {summary.seconds:.1f} s, {speed:.0f} passages a second ({summary.indexed} new).")


def _cell(column: Mapping[str, float], row: str) -> str:
    within = column.get(row + INTERVAL)
    return (f"{column[row]:.4g}" if row in column else "") + (f" ± {within:.2g}" if within else "")
