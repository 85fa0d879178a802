"""``manage.py reembed``: change the embedder while questions go on."""

from typing import Any

from django.core.management.base import CommandParser

from rag.boundaries import Choice, chosen
from rag.embedders.base import Embedder
from rag.estimating import reembed_estimate
from rag.management.switching import SwitchCommand, loaded, progress_bars
from rag.moving import choice_clear, choice_pin, choice_prepare, choice_previous, choice_switch


class Command(SwitchCommand):
    help = (
        "Embed the knowledge base with another embedder beside the one in use, then switch. Stopped, it goes on where "
        "it was. Until the switch, questions and workers go on with the old one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--to", metavar="DOTTED.PATH", help="For instance rag.embedders.mistral.MistralEmbedder.")
        what.add_argument("--back", action="store_true", help="Switch to what was in use before.")
        what.add_argument("--prune", action="store_true", help="Remove the vectors and the index of before.")
        what.add_argument("--pin", action="store_true", help="Keep what is in use now, whatever the settings will say.")
        what.add_argument("--clear", action="store_true", help="Let the settings decide again.")
        parser.add_argument("--estimate", action="store_true", help="Only say what it will take.")
        parser.add_argument(
            "--prepare",
            action="store_true",
            help="Do everything but the switch: on each further machine that has an index of its own.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        yes: bool = options["yes"]
        if options["prune"]:
            return self.prune(yes=yes)
        if options["pin"]:
            choice_pin()
        elif options["clear"]:
            choice_clear()
        else:
            to = choice_previous() if options["back"] else Choice(loaded(options["to"], Embedder), chosen().store)
            self._estimate(to)
            if options["estimate"]:
                return None
            self.agree(yes=yes)
            with progress_bars() as progress:
                (choice_prepare if options["prepare"] else choice_switch)(
                    to=to, progress=progress, settle=options["settle"]
                )
        return self.say_in_use(chosen())

    def _estimate(self, to: Choice) -> None:
        found = reembed_estimate(to=to)
        self.say(f"From {chosen().embedder} to {to.embedder}, {to.store}:")
        self.say(f"{found.passages} passages; {found.texts} texts are to be embedded, at most {found.tokens} tokens.")
        if found.texts:
            cost = "at a price that is not known here" if found.cost is None else "free of charge"
            if found.cost:
                cost = f"at most {found.cost:.4f} US dollars (list price of {found.price_date})"
            self.say(f"{found.calls} calls, about {found.seconds:.0f} s at the rate measured just now, {cost}.")
