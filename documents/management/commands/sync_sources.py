"""``manage.py sync_sources``: syncs sources now, in this process."""

import os
import socket
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from documents.models import Source, SourceKind, SourceRun
from documents.sources.leases import source_claim
from documents.sources.syncing import source_sync


class Command(BaseCommand):
    help = "Sync sources now. A worker indexes what has changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--source", metavar="SLUG", help="Only this one, even if it is disabled.")
        parser.add_argument(
            "--force", action="store_true", help="Read every page, and remove documents however many they are."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        console, failed = Console(), 0
        for source in _chosen(options["source"]):
            run = _sync(source, options["force"])
            if run is None:
                console.print(f"{source.slug}: a worker is syncing it now", highlight=False)
                continue
            for failure in run.failures:
                console.print(
                    f"[red]failed[/red] {failure['uri']}: {failure['detail']} ({failure['code']})", soft_wrap=True
                )
            console.print(f"{source.slug}: {_told(run)}", highlight=False, soft_wrap=True)
            failed += bool(run.error_code)
        if failed:
            raise CommandError(f"{failed} sources could not be synced.")


def _chosen(slug: str | None) -> list[Source]:
    sources = Source.objects.exclude(kind=SourceKind.HOOK).order_by("slug")
    if slug is None:
        return list(sources.filter(enabled=True))
    found = list(sources.filter(slug=slug))
    if not found:
        raise CommandError(f"There is no source {slug!r} that can be synced.")
    return found


def _sync(source: Source, force: bool) -> SourceRun | None:
    worker = f"sync:{socket.gethostname()[:40]}:{os.getpid()}"
    claimed = source_claim(worker=worker, only=source)
    if claimed is None:
        return None
    claimed.forced |= force
    return source_sync(source=claimed, worker=worker)


def _told(run: SourceRun) -> str:
    counts = ", ".join(
        f"{getattr(run, name)} {name}" for name in ("added", "changed", "unchanged", "removed", "skipped", "failed")
    )
    return f"{counts}; {run.error_detail} ({run.error_code})" if run.error_code else counts
