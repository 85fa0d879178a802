"""``manage.py rebuild_index``: the indexes made anew from the database."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from rag.followers import followers
from rag.indexing import vectors_complete
from rag.privacy.reembedding import policies_apply
from utils.errors import GroundedError


class Command(BaseCommand):
    help = "Rebuild the vector store and the lexical index from the database; only vectors that are missing are made."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            policies_apply()
            made = vectors_complete()
            self.stdout.write(f"{made} vectors were missing and have been made.")
            for follower in followers():
                follower.rebuild()
                self.stdout.write(f"{follower.name}: {follower.count()} passages.")
        except GroundedError as error:
            raise CommandError(error.detail) from error
