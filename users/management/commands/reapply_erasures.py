"""``manage.py reapply_erasures``: after a backup was restored."""

from typing import Any

from django.core.management.base import BaseCommand

from users.erasing import erasures_reapply


class Command(BaseCommand):
    help = "Erase accounts again that are back since a backup was restored, and end erasures that were begun."

    def handle(self, *args: Any, **options: Any) -> None:
        count = erasures_reapply()
        self.stdout.write(f"{count} account{'' if count == 1 else 's'} erased again.")
