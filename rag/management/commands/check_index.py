"""``manage.py check_index``: whether files, passages, vectors and every index agree."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from rich.console import Console
from rich.table import Table

from rag.integrity.checking import SETTLE, index_check
from rag.integrity.findings import Kind
from rag.models import IndexCheck
from rag.serializers import IndexCheckSerializer


class Command(BaseCommand):
    help = (
        "Compare the original files, the passages, the vectors and each index with each other. Exit code 1 if "
        "something is wrong; with --repair, if something could not be mended. Safe beside workers and questions."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--repair", action="store_true", help="Mend what is wrong.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object instead of a table.")
        parser.add_argument(
            "--settle",
            type=float,
            default=SETTLE,
            metavar="SECONDS",
            help="How long to wait before what a shared store (Pinecone) seems to lack is believed to be missing.",
        )

    def handle(self, *args: Any, repair: bool, settle: float, **options: Any) -> None:
        checks = index_check(repair=repair, settle=settle)
        clean = not sum(check.left if repair else check.faults for check in checks)
        if options["json"]:
            parts = IndexCheckSerializer(checks, many=True).data
            self.stdout.write(json.dumps({"clean": clean, "parts": parts}, indent=2, default=str))
        else:
            _show(checks, Console(file=self.stdout))  # type: ignore[arg-type]
        if not clean:
            sys.exit(1)


def _show(checks: list[IndexCheck], console: Console) -> None:
    kinds = [kind.value for kind in Kind if any(check.counts.get(kind) for check in checks)]
    table = Table()
    for heading in ("", "checked", *kinds, "repaired"):
        table.add_column(heading, justify="right" if heading else "left")
    for check in checks:
        table.add_row(
            check.index, str(check.checked), *(str(check.counts.get(kind, 0)) for kind in kinds), str(check.repaired)
        )
    console.print(table)
    for check in checks:
        for fault in check.report:
            mark = "repaired" if fault["repaired"] else "left"
            line = f"{mark}: {check.index}: {fault['kind']} {fault['subject']} {fault['detail']}"
            console.print(line.rstrip(), highlight=False, soft_wrap=True)
    more = sum(check.faults - len(check.report) for check in checks)
    if more:
        console.print(f"and {more} more.")
    console.print("All is well." if not sum(check.faults for check in checks) else "", end="\n")
