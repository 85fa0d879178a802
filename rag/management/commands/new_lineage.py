"""``manage.py new_lineage``: what a copy of a database needs before it is used beside the original."""

from typing import Any

from django.core.management.base import BaseCommand

from documents.feed import lineage, lineage_renew


class Command(BaseCommand):
    help = (
        "Make this database an installation of its own. Run it in a copy that is used beside the original, before "
        "anything else: else both write to the same namespace of a shared store. Indexes are then built anew."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        lineage_renew()
        self.stdout.write(f"This installation is now {lineage()}. Workers build its indexes; or run rebuild_index.")
