"""``manage.py move_store``: change the vector store while questions go on; nothing is embedded again."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from rag.boundaries import Choice, chosen
from rag.management.switching import SwitchCommand, loaded, progress_bars
from rag.moving import choice_prepare, choice_previous, choice_switch
from rag.stores.base import VectorStore


class Command(SwitchCommand):
    help = (
        "Build the index of another vector store from the database's vectors beside the one in use, compare every "
        "entry, then switch. Stopped, it goes on where it was."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--to", metavar="DOTTED.PATH", help="For instance rag.stores.pinecone.PineconeStore.")
        what.add_argument("--back", action="store_true", help="Switch to the store that was in use before.")
        what.add_argument("--prune", action="store_true", help="Remove the index of before.")
        parser.add_argument(
            "--prepare",
            action="store_true",
            help="Do everything but the switch: on each further machine, where the new store is of a machine's own.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["prune"]:
            return self.prune(yes=options["yes"])
        to = self._back() if options["back"] else Choice(chosen().embedder, loaded(options["to"], VectorStore))
        self.say(f"From {chosen().store} to {to.store}; the vectors are taken from the database.")
        self.agree(yes=options["yes"])
        with progress_bars() as progress:
            (choice_prepare if options["prepare"] else choice_switch)(
                to=to, progress=progress, settle=options["settle"]
            )
        return self.say_in_use(chosen())

    def _back(self) -> Choice:
        previous = choice_previous()
        if previous.embedder != chosen().embedder:
            raise CommandError("The last switch was one of the embedder: `manage.py reembed --back`.")
        return previous
