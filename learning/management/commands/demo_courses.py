"""``manage.py demo_courses``: a school to look at, or with ``--remove`` its end."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from learning.demo.school import accounts, courses, school_make, school_remove
from utils.errors import GroundedError


class Command(BaseCommand):
    help = "Make demo courses with teachers and students; a worker indexes their material. Again is no harm."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--password", help="For the accounts; without one nobody can log in to them.")
        parser.add_argument("--remove", action="store_true", help="Remove them with all that belongs to them.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            school_remove() if options["remove"] else school_make(password=options["password"])
        except GroundedError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"There are {courses().count()} demo courses and {accounts().count()} demo accounts.")
