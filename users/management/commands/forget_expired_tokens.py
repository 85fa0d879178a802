"""Delete log-in sessions whose tokens have all expired."""

from typing import Any

from django.core.management.base import BaseCommand

from users.login_sessions import tokens_forget_expired


class Command(BaseCommand):
    help = "Deletes log-in sessions, ended or not, whose tokens have all expired."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Deleted {tokens_forget_expired()} log-in sessions.")
