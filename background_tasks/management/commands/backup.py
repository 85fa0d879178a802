"""``manage.py backup``: the database and the original files as one archive."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from background_tasks.backups.making import backup_create
from utils.errors import GroundedError


class Command(BaseCommand):
    help = "Back up the database and the original files, while they are in use, to BACKUP_DIR or BACKUP_URL."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = backup_create()
        except GroundedError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(
            f"{made.name}: {made.rows} rows of {len(made.manifest.tables)} tables and {made.manifest.files} files in "
            f"{made.size} bytes, read back and found whole."
        )
        for name in made.removed:
            self.stdout.write(f"{name} is not kept any longer and was removed.")
        for name in made.manifest.lost:
            self.stderr.write(
                f"The file {name} is missing or damaged and is not in the backup (manage.py check_index)."
            )
