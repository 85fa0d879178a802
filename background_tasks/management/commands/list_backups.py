"""``manage.py list_backups``: what there is to restore."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from background_tasks.backups.stores import backup_store
from utils.errors import GroundedError


class Command(BaseCommand):
    help = "List the backups, newest first."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            store = backup_store()
            stored = store.list()
        except GroundedError as error:
            raise CommandError(error.detail) from error
        for one in stored:
            self.stdout.write(f"{one.made:%Y-%m-%d %H:%M:%S} UTC  {one.size:>15,} bytes  {one.name}")
        if not stored:
            self.stdout.write(f"There is no backup in {store}.")
