"""``manage.py make_model``: what is built at the first use, built now."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from rag.embedders.local import LocalEmbedder


class Command(BaseCommand):
    help = "Build the offline sentence model in MODEL_DIR, which may then be read-only. Needs no database."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        LocalEmbedder.from_settings(settings.RAG).embed(["ready"], "document")
        self.stdout.write(f"The offline model is in {settings.RAG['MODEL_DIR']}.")
