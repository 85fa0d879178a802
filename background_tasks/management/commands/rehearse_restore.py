"""``manage.py rehearse_restore``: whether a backup can be restored, tried out beside the installation."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from background_tasks.backups.rehearsing import backup_rehearse
from utils.errors import GroundedError


class Command(BaseCommand):
    help = "Restore a backup into a database that is thrown away, and ask its indexes. The installation is not touched."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "name", nargs="?", default="", help="Of the backup, or a path; the newest if it is not given."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            counts = backup_rehearse(name=options["name"])
        except GroundedError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"It can be restored: {', '.join(f'{name} {count}' for name, count in counts.items())}.")
