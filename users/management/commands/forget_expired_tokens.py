"""Delete log-in sessions whose tokens have all expired."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from users.retention import logins_expired


class Command(BaseCommand):
    help = "Deletes log-in sessions, ended or not, whose tokens have all expired, however short ago."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Deleted {logins_expired(timezone.now()).delete()[0]} log-in sessions.")
