"""``manage.py index_documents PATH…``: files and folders into the knowledge base."""

import os
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from documents.selectors import collection_get
from documents.services import Submission, category_get, collection_default
from rag.bulk import index_all
from utils.errors import GroundedError


class Command(BaseCommand):
    help = "Index files and folders. What has not changed is passed over; what has becomes a new version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--collection", metavar="SLUG", help="Where they go; else the collection `general`.")
        parser.add_argument("--category", default="", metavar="NAME", help="FAQ, Guide, Policy, or one of your own.")

    def handle(self, *args: Any, **options: Any) -> None:
        console = Console()
        try:
            collection = collection_get(slug=options["collection"]) if options["collection"] else collection_default()
            category = category_get(name=options["category"]).name if options["category"] else ""
            files = sorted({file for path in options["paths"] for file in _files(path)})
            submissions = (
                Submission(
                    file.read_bytes(),
                    os.fsencode(file.name).decode("utf-8", "replace"),
                    source_uri=_source(file),
                    category=category,
                )
                for file in files
            )
            summary = index_all(submissions=submissions, total=len(files), collection=collection, console=console)
        except GroundedError as error:
            raise CommandError(error.detail) from error
        except OSError as error:
            raise CommandError(str(error)) from error
        summary.show(console)
        if summary.failed:
            raise CommandError(f"{len(summary.failed)} of {len(files)} files could not be indexed.")


def _files(path: Path) -> Iterator[Path]:
    """The file, or the files below the folder; hidden ones only if they are named."""
    if path.is_file():
        yield path.resolve()
    elif path.is_dir():
        for folder, folders, names in os.walk(path.resolve()):
            folders[:] = [name for name in folders if not name.startswith(".")]
            files = (Path(folder) / name for name in names if not name.startswith("."))
            yield from (file for file in files if file.is_file())  # a link may lead nowhere
    else:
        raise CommandError(f"{path} is neither a file nor a folder.")


def _source(file: Path) -> str:
    """Which document a file is: its path, short where it lies below the working folder."""
    path = file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
    return os.fsencode(path).decode("utf-8", "replace")[-500:]
