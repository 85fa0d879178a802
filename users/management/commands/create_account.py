"""Make an account with a role, the first admin's for one."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.env import read
from users import services
from users.models import Role
from utils.errors import InvalidInput


class Command(BaseCommand):
    help = "Makes an account. The password is taken from ACCOUNT_PASSWORD, or asked for."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("email")
        parser.add_argument("--role", choices=Role.values, default=Role.USER.value)

    def handle(self, *args: Any, username: str, email: str, role: str, **options: Any) -> None:
        password = read().account_password or _ask()
        try:
            user = services.account_create(username=username, email=email, password=password, role=role)
        except InvalidInput as error:
            reasons = " ".join(message for messages in (error.errors or {}).values() for message in messages)
            raise CommandError(f"No account was made. {reasons}") from error
        self.stdout.write(self.style.SUCCESS(f"Made the {user.role} account {user.username} <{user.email}>."))


def _ask() -> str:
    try:
        password = getpass.getpass("Password: ")
        repeated = getpass.getpass("Password again: ")
    except EOFError:
        raise CommandError("No account was made. Set ACCOUNT_PASSWORD, or run this in a terminal.") from None
    if password != repeated:
        raise CommandError("No account was made. The two passwords differ.")
    return password
