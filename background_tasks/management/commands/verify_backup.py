"""``manage.py verify_backup``: whether a backup is as it was written."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from background_tasks.backups.checking import backup_verify
from utils.errors import GroundedError


class Command(BaseCommand):
    help = "Read a backup whole and compare every checksum, without restoring it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "name", nargs="?", default="", help="Of the backup, or a path; the newest if it is not given."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            read = backup_verify(name=options["name"])
        except GroundedError as error:
            raise CommandError(error.detail) from error
        rows = sum(table.rows for table in read.manifest.tables.values())
        self.stdout.write(
            f"{read.name} is whole: {rows} rows of {len(read.manifest.tables)} tables and {read.manifest.files} files, "
            f"of {read.header.made:%Y-%m-%d %H:%M:%S} UTC, from {read.header.database}, version {read.header.product}."
        )
        for name in read.manifest.lost:
            self.stdout.write(f"The file {name} was missing or damaged when it was made.")
