"""``manage.py export_handbook``: the handbook as plain HTML files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from documents.handbook.writing import handbook_export


class Command(BaseCommand):
    help = "Write the handbook as HTML files that any web server can show. The search box is left out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="Made if it is not there.")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        try:
            count = handbook_export(folder=folder)
        except OSError as error:
            raise CommandError(f"{folder} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"{count} pages are in {folder}; begin at index.html.")
