"""``manage.py apply_retention``: removes what is older than it is kept."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from background_tasks.retention import ACCESS, HISTORY, retention_apply

_GROUPS = {"history": HISTORY, "access": ACCESS, "all": (*HISTORY, *ACCESS)}


class Command(BaseCommand):
    help = "Remove what is older than it is kept: conversations, visitors, traces, gaps, records of access, names."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only count what would go.")
        parser.add_argument(
            "--only", choices=_GROUPS, default="all", help="What was asked and done; or log-ins, keys and accounts."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        counts = retention_apply(now=timezone.now(), dry_run=options["dry_run"], only=_GROUPS[options["only"]])
        verb = "would go" if options["dry_run"] else "removed"
        for name, count in counts.items():
            self.stdout.write(f"{name}: {count} {verb}")
