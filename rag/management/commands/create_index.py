"""``manage.py create_index``: make the Pinecone index that the environment names."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from rag.boundaries import embedder
from rag.pinecone_client import index_create
from utils.errors import GroundedError


class Command(BaseCommand):
    help = "Make the Pinecone index named by PINECONE_INDEX, fit for the configured embedder, unless it is there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--wait", type=float, default=300, help="Seconds to wait until the index is ready.")

    def handle(self, *args: Any, wait: float, **options: Any) -> None:
        pinecone = settings.RAG["PINECONE"]
        model = embedder()
        if not pinecone["api_key"]:
            raise CommandError(
                "PINECONE_API_KEY is not set. Without it the vectors are kept in a folder, which makes itself."
            )
        if model is None:
            raise CommandError("There is no embedder, so the length of the vectors is not known.")
        try:
            made = index_create(pinecone, model.dimensions, timeout=settings.RAG["PROVIDER_TIMEOUT"], wait=wait)
        except GroundedError as error:
            raise CommandError(error.detail) from None
        what = f"vectors of length {model.dimensions} ({model.name}), metric cosine"
        if made:
            self.stdout.write(f"Made {pinecone['index']} in {pinecone['cloud']} {pinecone['region']}: {what}.")
        else:
            self.stdout.write(f"{pinecone['index']} is there already: {what}.")
