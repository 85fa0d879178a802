"""``manage.py verify_audit``: whether the audit trail is whole."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from users.audit_verifying import audit_verify


class Command(BaseCommand):
    help = "Look through the audit trail for entries that were changed, put in, taken out or cut off."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--expect", default="", metavar="CHECKPOINT", help="One that this has printed before.")

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = audit_verify(expected=options["expect"])
        if verdict.fault:
            where = f"Entry {verdict.entry} is at fault. " if verdict.entry else "The trail is not whole. "
            raise CommandError(where + verdict.fault)
        self.stdout.write(f"{verdict.entries} entries, all as they were written.\nCheckpoint: {verdict.checkpoint}")
