"""The implementations that the settings name, each built once a process."""

from functools import cache
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from rag.embedders.base import Embedder
from rag.generators.chain import GeneratorChain
from rag.lexical.index import LexicalIndex
from rag.stores.base import VectorStore


@cache
def embedder() -> Embedder | None:
    """None where no embedder is to be had: search then goes by words alone."""
    path = settings.RAG["EMBEDDER"]
    return import_string(path).from_settings(settings.RAG) if path else None


@cache
def vector_store() -> VectorStore | None:
    """The store of the embedder's space."""
    model = embedder()
    if model is None:
        return None
    kind: type[VectorStore] = import_string(settings.RAG["VECTOR_STORE"])
    return kind.from_settings(settings.RAG, model.name, model.dimensions)


@cache
def lexical_index() -> LexicalIndex:
    return LexicalIndex.from_settings(settings.RAG)


@cache
def generator_chain() -> GeneratorChain:
    """The generators in the order in which they are asked, with the state of their circuit breakers."""
    return GeneratorChain([import_string(path).from_settings(settings.RAG) for path in settings.RAG["GENERATORS"]])


def _rebuild(*, setting: str, **_: Any) -> None:
    if setting == "RAG":
        for built in (embedder, vector_store, lexical_index, generator_chain):
            built.cache_clear()


setting_changed.connect(_rebuild)
