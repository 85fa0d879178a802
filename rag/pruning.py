"""Removing what a change of the embedder or store has left behind."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from rag.boundaries import Choice, chosen, embedder, one_choice
from rag.followers import vector_follower
from rag.models import Active, Space
from utils.errors import Conflict


def previous_prune() -> Mapping[str, int]:
    """Remove the index that was in use before, and the vectors of every space but the one in use.

    There is no way back then. Returns how many vectors each space had. Raises ProviderError, Conflict.
    """
    row = Active.objects.first()
    if row is None:
        raise Conflict("Nothing has been switched: there is nothing to remove.")
    previous = Choice(row.previous_embedder, row.previous_store)
    if previous.embedder and previous != chosen():
        _index_remove(previous)
    Active.objects.filter(pk=row.pk).update(previous_embedder="", previous_store="")
    model = embedder()
    removed = {}
    for space in Space.objects.exclude(name=model.name if model else ""):
        removed[space.name] = space.vectors.count()
        space.vectors.all().delete()
        space.delete()
    return removed


def _index_remove(choice: Choice) -> None:
    with one_choice(choice):
        follower = vector_follower()
    if follower is None:
        return
    with follower.held():
        follower.clear()
        follower.forget()
    if not follower.shared:
        shutil.rmtree(Path(settings.RAG["INDEX_DIR"]) / follower.store.space, ignore_errors=True)
