"""``manage.py evaluate_dialogues [FILE …]``: whether follow-up questions find the pages that answer them."""

import hashlib
import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import track
from rich.table import Table

from documents.models import Document, Visibility
from documents.publishing import document_delete
from documents.services import Submission, collection_ensure
from rag.bulk import index_all
from rag.evaluation.dataset import DatasetError
from rag.evaluation.dialogues import CUTOFFS, Outcome, dialogues_read, figures, run
from rag.evaluation.scratch import run_in_scratch
from rag.retrieval import Scope
from utils.errors import GroundedError

DIALOGUES = settings.BASE_DIR / "benchmarks" / "dialogues" / "handbook"


class Command(BaseCommand):
    help = (
        "Run labelled dialogues over the handbook, or over documents of your own, in a scratch space under "
        "DATA_DIR/evaluations, and count the questions that find the right page."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "files", type=Path, nargs="*", metavar="FILE", help="Default: benchmarks/dialogues/handbook/*.jsonl"
        )
        parser.add_argument("--documents", type=Path, metavar="DIR", help="The documents that the dialogues are about.")
        parser.add_argument("--show", action="store_true", help="Print each question as it was understood.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object instead of tables.")

    def handle(self, *args: Any, **options: Any) -> None:
        files: list[Path] = [path.resolve() for path in options["files"]] or sorted(DIALOGUES.glob("*.jsonl"))
        directory: Path | None = options["documents"].resolve() if options["documents"] else None
        if not settings.SCRATCH:
            name = f"{directory.name}-{hashlib.sha256(bytes(directory)).hexdigest()[:8]}" if directory else "handbook"
            again: list[str | Path] = ["evaluate_dialogues", *files]
            again += ["--documents", directory] if directory else []
            again += [f"--{flag}" for flag in ("show", "json") if options[flag]]
            sys.exit(run_in_scratch(f"dialogues-{name}", again))
        try:
            scope = _indexed(directory)
            outcomes = {
                path.stem: [
                    outcome
                    for dialogue in track(
                        dialogues_read(path), f"Asking {path.stem}", console=Console(stderr=True), transient=True
                    )
                    for outcome in run(dialogue, scope)
                ]
                for path in files
            }
        except DatasetError as error:
            raise CommandError(str(error)) from error
        except GroundedError as error:
            raise CommandError(error.detail) from error
        if options["json"]:
            self.stdout.write(json.dumps({name: figures(found) for name, found in outcomes.items()}, indent=2))
        else:
            _show(outcomes, each=options["show"])


def _indexed(directory: Path | None) -> Scope:
    console = Console(stderr=True)
    call_command("migrate", verbosity=0)
    if directory is None:
        with redirect_stdout(sys.stderr):  # standard output is for the figures
            call_command("populate_documents")
        collection = collection_ensure(slug="handbook", name="Handbook", visibility=Visibility.PUBLIC)
        return Scope(frozenset([collection.pk]))
    collection = collection_ensure(slug="evaluation", name="Evaluation", visibility=Visibility.PUBLIC)
    paths = {path.relative_to(directory).as_posix(): path for path in sorted(directory.rglob("*")) if path.is_file()}
    if not paths:
        raise DatasetError(f"{directory} holds no documents.")
    submissions = (Submission(path.read_bytes(), path.name, source_uri=name) for name, path in paths.items())
    index_all(submissions=submissions, total=len(paths), collection=collection, console=console).show(console)
    for document in Document.objects.filter(collection=collection).exclude(source_uri__in=paths).iterator():
        document_delete(document=document)
    return Scope(frozenset([collection.pk]))


def _show(outcomes: Mapping[str, list[Outcome]], *, each: bool) -> None:
    console = Console()
    for name, found in outcomes.items():
        if each:
            for outcome in found:
                mark = {1: "+", 0: "-"}.get(outcome.places["standalone"], "~") if outcome.asked.pages else " "
                meant = outcome.ways["standalone"]
                change = "" if meant == outcome.asked.question else f" → {meant}"
                console.print(f"{mark} {outcome.asked.kind:10} {outcome.asked.question}{change}", markup=False)
        table = Table(title=f"{name}: right page first / among {CUTOFFS[1]} / among {CUTOFFS[2]} passages")
        table.add_column("kind")
        for column in ("turns", "standalone", "as sent", "joined to the last", "answered from it", "left as sent"):
            table.add_column(column, justify="right")
        for kind, ways in figures(found).items():
            own = ways["standalone"]
            tops = (
                " / ".join(f"{100 * ways[way][f'top{k}']:.0f}" for k in CUTOFFS) if "top1" in ways[way] else ""
                for way in ("standalone", "as sent", "joined")
            )
            table.add_row(kind, f"{own['turns']:.0f}", *tops, f"{own['answered']:.0%}", f"{own['unchanged']:.0%}")
        console.print(table)
