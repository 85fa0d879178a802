"""``manage.py close_stale_answers``: ends the answers of servers that were killed."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from chat.exchanges import answers_close_stale


class Command(BaseCommand):
    help = "End the answers that nobody writes any more, as failed, with what came of them. Idle workers do it too."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--silent",
            type=float,
            metavar="SECONDS",
            help="Without a sign of life for so long; unless given, a minute more than PROVIDER_TIMEOUT.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        count = answers_close_stale(silent=options["silent"])
        self.stdout.write(f"{count} answer{'' if count == 1 else 's'} closed.")
