"""The implementations in use, each built once a process.

Which embedder and store these are is in the database, where a switch has put it (rag/moving.py), else in the settings.
The database is asked at each use, so that a switch is seen by every process at once; :func:`one_choice` asks it once
for all that is done within, which then rests on one embedder and its store, whatever is switched meanwhile.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.core.signals import setting_changed
from django.db import DatabaseError, connection
from django.utils.module_loading import import_string

from documents.feed import lineage
from rag.embedders.base import Embedder
from rag.generators.chain import GeneratorChain
from rag.lexical.index import LexicalIndex
from rag.models import Active
from rag.rerankers.base import Reranker
from rag.stores.base import VectorStore
from rag.support.base import SupportChecker


class Choice(NamedTuple):
    """Dotted paths of two classes."""

    embedder: str | None
    store: str


_held: ContextVar[Choice | None] = ContextVar("choice", default=None)


def chosen() -> Choice:
    """The embedder and store in use."""
    held = _held.get()
    if held:
        return held
    row = Active.objects.values_list("embedder", "store").first()
    return Choice(*row) if row else configured()


def configured() -> Choice:
    """The embedder and store that the settings name."""
    return Choice(settings.RAG["EMBEDDER"], settings.RAG["VECTOR_STORE"])


def chosen_or_configured() -> Choice:
    """As :func:`chosen`; what the settings name where there is no database yet, or none that is migrated."""
    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
        return configured()  # to ask would make the file
    try:
        return chosen()
    except DatabaseError:
        return configured()


@contextmanager
def one_choice(choice: Choice | None = None) -> Iterator[Choice]:
    """Within, ``choice`` is in use for this thread or task; None: what is in use now, read once."""
    choice = choice or chosen()
    token = _held.set(choice)
    try:
        yield choice
    finally:
        _held.reset(token)


def embedder() -> Embedder | None:
    """None where no embedder is to be had: search then goes by words alone."""
    return _embedder(chosen().embedder)


def vector_store() -> VectorStore | None:
    """The store of the embedder's space.

    Installations may share a service: what is shared is kept apart by the lineage of the database it belongs to.
    """
    choice = chosen()
    kind: type[VectorStore] = import_string(choice.store)
    return _vector_store(choice, lineage() if kind.shared else None)


@cache
def lexical_index() -> LexicalIndex:
    return LexicalIndex.from_settings(settings.RAG)


@cache
def generator_chain() -> GeneratorChain:
    """The generators in the order in which they are asked, with the state of their circuit breakers."""
    return GeneratorChain([import_string(path).from_settings(settings.RAG) for path in settings.RAG["GENERATORS"]])


@cache
def reranker() -> Reranker | None:
    """None where none is configured."""
    path = settings.RAG["RERANKER"]
    made: Reranker | None = import_string(path).from_settings(settings.RAG) if path else None
    return made


@cache
def support_checker() -> SupportChecker:
    """What judges whether a sentence is supported by what it cites."""
    made: SupportChecker = import_string(settings.RAG["SUPPORT_CHECKER"]).from_settings(settings.RAG)
    return made


@cache
def rewriting_chain() -> GeneratorChain | None:
    """Those of the generators that can reword a question; None where there are none.

    Their circuit breakers are their own: who is too slow for this may still answer.
    """
    return _writing()


@cache
def writing_chain() -> GeneratorChain | None:
    """Those of the generators that can do as any rule says; None where there are none."""
    return _writing()


def _writing() -> GeneratorChain | None:
    made = [import_string(path).from_settings(settings.RAG) for path in settings.RAG["GENERATORS"]]
    writing = [generator for generator in made if generator.writes]
    return GeneratorChain(writing, "rewriting") if writing else None


@cache
def _embedder(path: str | None) -> Embedder | None:
    made: Embedder | None = import_string(path).from_settings(settings.RAG) if path else None
    return made


@cache
def _vector_store(choice: Choice, owner: str | None) -> VectorStore | None:
    model = _embedder(choice.embedder)
    if model is None:
        return None
    kind: type[VectorStore] = import_string(choice.store)
    return kind.from_settings(settings.RAG, f"{model.name}-{owner}" if owner else model.name, model.dimensions)


def _rebuild(*, setting: str, **_: Any) -> None:
    if setting == "RAG":
        chains = (generator_chain, rewriting_chain, writing_chain)
        for built in (_embedder, _vector_store, lexical_index, reranker, support_checker, *chains):
            built.cache_clear()


setting_changed.connect(_rebuild)
