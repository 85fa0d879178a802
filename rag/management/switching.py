"""What the commands that change the embedder and the store have in common."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import import_string
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from rag.boundaries import Choice
from rag.integrity.checking import SETTLE
from rag.moving import Progress as Report
from rag.pruning import previous_prune
from utils.errors import GroundedError


class SwitchCommand(BaseCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help="Do not ask.")
        parser.add_argument(
            "--settle",
            type=float,
            default=SETTLE,
            metavar="SECONDS",
            help="How long to wait before what a shared store (Pinecone) seems to lack is believed to be missing.",
        )

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except GroundedError as error:
            raise CommandError(error.detail) from error

    def say(self, text: str) -> None:
        self.stdout.write(text)

    def say_in_use(self, choice: Choice) -> None:
        self.say(f"In use now: {choice.embedder}, {choice.store}.")

    def agree(self, *, yes: bool) -> None:
        """Raises CommandError unless whoever runs this agrees."""
        if yes:
            return
        if not sys.stdin.isatty():
            raise CommandError("Nobody can be asked here: add --yes to go on.")
        if input("Go on? [y/N] ").strip().lower() not in ("y", "yes"):
            raise CommandError("Nothing has been changed.")

    def prune(self, *, yes: bool) -> None:
        self.say("This removes the index that was in use before and the vectors of other embedders: no way back.")
        self.agree(yes=yes)
        for space, count in previous_prune().items():
            self.say(f"Removed {count} vectors of {space}.")
        self.say("Done.")


def loaded(path: str, of: type[Any]) -> str:
    """The dotted path, once it is known to name such a class. Raises CommandError."""
    try:
        kind = import_string(path)
    except ImportError as error:
        raise CommandError(f"{path} cannot be imported: {error}") from error
    if not (isinstance(kind, type) and issubclass(kind, of)):
        raise CommandError(f"{path} is not a kind of {of.__module__}.{of.__name__}.")
    return path


@contextmanager
def progress_bars() -> Iterator[Report]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total or None)
            progress.update(tasks[what], completed=done)

        yield report
