"""``manage.py restore``: a backup put back."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from background_tasks.backups.restoring import backup_restore
from utils.errors import GroundedError


class Command(BaseCommand):
    help = (
        "Restore a backup into the database that DATABASE_URL names, of whatever kind, and DATA_DIR. Stop the server "
        "and the workers before. Killed or failed, it leaves the database as it was and can be run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "name", nargs="?", default="", help="Of the backup, or a path; the newest if it is not given."
        )
        parser.add_argument(
            "--overwrite", action="store_true", help="Replace what is in the database, which is lost, by the backup."
        )
        parser.add_argument(
            "--other-keys", action="store_true", help="Restore though AUDIT_KEY or SECRET_KEY is not what it was."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            restored = backup_restore(
                name=options["name"], overwrite=options["overwrite"], other_keys=options["other_keys"]
            )
        except GroundedError as error:
            raise CommandError(error.detail) from error
        manifest = restored.manifest
        self.stdout.write(
            f"{restored.name} of {restored.header.made:%Y-%m-%d %H:%M:%S} UTC is restored: {restored.rows} rows of "
            f"{len(manifest.tables)} tables, {manifest.files} files."
        )
        for name, passages in restored.passages.items():
            self.stdout.write(f"{name}: {passages} passages.")
        self.stdout.write(f"Accounts erased again, since they were back: {restored.erased}")
        self.stdout.write("Everybody has to log in again. Passwords, roles and API keys are as they were then.")
        for warning in (*restored.warnings, *(f"The file {name} was lost before." for name in manifest.lost)):
            self.stderr.write(warning)
