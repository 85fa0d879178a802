"""Take the second factor from an account, for the admin who has lost their own."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from users.second_factor.services import second_factor_reset
from users.selectors import account_by_login


class Command(BaseCommand):
    help = "Takes the second factor from an account whose app and recovery codes are lost, and ends its sessions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("login", help="User name or e-mail address.")

    def handle(self, *args: Any, login: str, **options: Any) -> None:
        user = account_by_login(login)
        if user is None or not second_factor_reset(user=user, actor=None):
            raise CommandError("No account of this name has a second factor.")
        self.stdout.write(self.style.SUCCESS(f"{user.username} logs in without a second factor now."))
