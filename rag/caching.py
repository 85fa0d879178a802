"""Whole answers kept for a short while, and given again to the same question where nothing that they rest on differs.

The key holds all that an answer depends on, so what changes it (publishing, a rollback, another model or setting)
needs nobody to clear anything. What a hit shows is read from the database within the asker's scope at that moment:
the cache says which passages, never what they say or who may see them.
"""

import hashlib
import itertools
import json
import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict, fields, replace
from functools import cache
from typing import Any, Protocol, get_type_hints

from django.conf import settings
from django.db.models.functions import Substr
from pydantic import TypeAdapter, ValidationError

from documents import selectors
from documents.gate import Preview
from documents.models import Chunk, Version
from rag import prompts
from rag.answerability import judging
from rag.answering import Done, Event, Sources
from rag.boundaries import chosen
from rag.context import Source
from rag.errors import troubles
from rag.followers import followers
from rag.generators.base import Delta, Turn
from rag.generators.chain import Restart
from rag.privacy.findings import find
from rag.retrieval import Scope
from utils import metrics
from utils.remembering import key_of, recall, remember
from utils.waiting import apart

logger = logging.getLogger(__name__)
LARGEST = 64 * 1024
"""Characters of an entry. Larger answers are not kept."""
_PLACES = frozenset({"INDEX_DIR", "MODEL_DIR"})
"""Settings that say where things lie: machines that share a cache differ in them."""

DEPENDS_ON: Sequence[Callable[[], object]] = (selectors.point, chosen, judging.made)
"""What answers depend on beside the settings, asked before each: a change of any makes other keys."""


class Answering(Protocol):
    def __call__(
        self, *, question: str, history: Sequence[Turn], scope: Scope, preview: Preview | None = None
    ) -> AsyncGenerator[Event, None]: ...


def cached(answering: Answering, *, fresh: bool = False) -> Answering:
    """The same, but that answers are kept and given again; ``fresh``: this one is made anew, and kept."""

    async def answer(
        *, question: str, history: Sequence[Turn], scope: Scope, preview: Preview | None = None
    ) -> AsyncGenerator[Event, None]:
        key, known = await apart(_looked_up, question, history, scope, preview, fresh)
        if known:
            for event in known:
                yield event
            return
        events = answering(question=question, history=history, scope=scope, preview=preview)
        async with aclosing(_kept(events, key) if key else events) as events:
            async for event in events:
                yield event

    return answer


def _looked_up(
    question: str, history: Sequence[Turn], scope: Scope, preview: Preview | None, fresh: bool
) -> tuple[str, list[Event] | None]:
    """The key, empty where the answer may not be kept, and the events of the answer that there is."""
    if not _may_be_kept(question, history, preview):
        return "", None
    key = _key(question, history, scope)
    known = None if fresh else _read(recall([key]).get(key), scope)
    metrics.cache_lookups.labels("answers", "hit" if known else "miss").inc()
    return key, known


def _may_be_kept(question: str, history: Sequence[Turn], preview: Preview | None) -> bool:
    """What somebody has told of themselves goes into no answer but their own."""
    if not settings.RAG["ANSWER_CACHE_SECONDS"] or preview is not None:
        return False
    return not any(find(text) for text in (question, *(turn.content for turn in history if turn.role == "user")))


def _key(question: str, history: Sequence[Turn], scope: Scope) -> str:
    setting = {name: value for name, value in settings.RAG.items() if name not in _PLACES}
    return key_of(
        "answer",
        " ".join(question.split()),
        json.dumps([asdict(turn) for turn in history], sort_keys=True),
        sorted(map(str, scope.collections)),
        None if scope.categories is None else sorted(scope.categories),
        json.dumps(setting, sort_keys=True, default=str),
        prompts.SYSTEM,
        *(state() for state in DEPENDS_ON),
    )


async def _kept(events: AsyncGenerator[Event, None], key: str) -> AsyncGenerator[Event, None]:
    """The events. A whole answer is kept unless something failed on the way, even if something else stood in."""
    before, sources, restarted = troubles(), None, False
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Sources):
                sources = event.sources
            restarted |= isinstance(event, Restart)
            if isinstance(event, Done) and sources is not None and not restarted and troubles() == before:
                # Before it is handed on: whoever has the answer may not come back for more.
                await apart(_keep, key, event, sources)
            yield event


def _keep(key: str, done: Done, sources: Sequence[Source]) -> None:
    if not _current():
        return
    entry = _entry(done, sources)
    if len(json.dumps(entry)) <= LARGEST:
        remember({key: entry}, seconds=settings.RAG["ANSWER_CACHE_SECONDS"])


def _current() -> bool:
    """Whether every index had all that is published; else something better may be found in a moment."""
    now = selectors.point()
    return all(follower.position() == now for follower in followers())


@cache
def _plain() -> Mapping[str, TypeAdapter[Any]]:
    """How the fields of Done that hold no source are written and read."""
    hints = get_type_hints(Done)
    return {part.name: TypeAdapter(hints[part.name]) for part in fields(Done) if part.name != "cited"}


def _entry(done: Done, sources: Sequence[Source]) -> dict[str, Any]:
    every = list({id(source): source for source in itertools.chain(sources, done.cited.values())}.values())
    place = {id(source): number for number, source in enumerate(every)}
    return {
        "done": {name: adapter.dump_python(getattr(done, name), mode="json") for name, adapter in _plain().items()},
        "every": [
            {
                "chunks": [chunk.pk for chunk in source.chunks],
                "start": source.start,
                "end": source.end,
                "score": source.score,
                "digest": _digest(source.text),
            }
            for source in every
        ],
        "sources": [place[id(source)] for source in sources],
        "cited": {str(marker): place[id(source)] for marker, source in done.cited.items()},
    }


def _read(entry: Any, scope: Scope) -> list[Event] | None:
    """The events of an answer that was kept; None where it cannot be shown to this asker as it was."""
    if entry is None:
        return None
    try:
        every = _sources(entry["every"], scope)
        if every is None:
            return None
        values = {name: adapter.validate_python(entry["done"][name]) for name, adapter in _plain().items()}
        done = Done(**values, cited={int(marker): every[place] for marker, place in entry["cited"].items()})
        sources = [every[place] for place in entry["sources"]]
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, ValidationError):
        logger.warning("A kept answer cannot be read and is made anew.")
        return None
    return [Sources(sources), Delta(done.text), replace(done, metadata={**done.metadata, "cached": True})]


def _sources(entries: Sequence[Mapping[str, Any]], scope: Scope) -> list[Source] | None:
    """The sources as the database has them; None if one of them is not for this asker, or not what it was."""
    ids = {key for entry in entries for key in entry["chunks"]}
    visible = selectors.chunks_visible(ids=ids, collections=scope.collections, revision=selectors.point().revision)
    chunks = {
        chunk.pk: chunk
        for chunk in visible
        if scope.categories is None or chunk.version.document.category_id in scope.categories
    }
    if chunks.keys() != ids:
        return None
    found = [_source(entry, [chunks[key] for key in entry["chunks"]]) for entry in entries]
    return None if None in found else [source for source in found if source]


def _source(entry: Mapping[str, Any], chunks: Sequence[Chunk]) -> Source | None:
    start, end = int(entry["start"]), int(entry["end"])
    part = Version.objects.filter(pk=chunks[0].version_id).values_list(Substr("text", start + 1, end - start))
    text = part[0][0]
    if _digest(text) != entry["digest"]:
        return None
    return Source(chunks[0].version, tuple(chunks), start, end, text, float(entry["score"]))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
