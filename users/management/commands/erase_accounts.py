"""``manage.py erase_accounts``: erases accounts, and ends what was begun before."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from users.erasing import account_erase, erasures_finish
from users.selectors import account_by_login
from utils.errors import GroundedError


class Command(BaseCommand):
    help = "Erase these accounts with all that they wrote. Without a name: end erasures that were begun."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("account", nargs="*", help="User name or e-mail address.")

    def handle(self, *args: Any, **options: Any) -> None:
        users = {login: account_by_login(login) for login in options["account"]}
        if missing := [login for login, user in users.items() if user is None]:
            raise CommandError(f"Nobody was erased: there is no account {', '.join(missing)}.")
        begun = erasures_finish()
        try:
            for user in users.values():
                if user:
                    account_erase(user=user)
        except GroundedError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"{begun + len(users)} erased.")
