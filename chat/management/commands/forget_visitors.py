"""``manage.py forget_visitors``: deletes the conversations of visitors that are older than they are kept."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from chat.visitors.services import visitors_forget


class Command(BaseCommand):
    help = "Delete visitors with their conversations in which nothing was asked for VISITOR_KEPT_DAYS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, help="In which nothing was asked for so many days, whatever is set.")

    def handle(self, *args: Any, **options: Any) -> None:
        count = visitors_forget(days=options["days"])
        self.stdout.write(f"{count} visitor{'' if count == 1 else 's'} forgotten.")
