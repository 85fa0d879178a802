"""An answer that a generator looks up by functions, which are called for it.

Whoever generates says which function it wants and with which arguments; who may call what, and for whom, is decided by
the toolbox (chat/tools/). This module asks, has called, numbers what comes, and has the answer checked as any other.
"""

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Protocol

from django.conf import settings

from documents.models import Chunk, Version
from rag.answerability.parts import search_parts
from rag.answerability.refusing import closest, note_on_missing, offer
from rag.answering import Done, Event, Sources, done_of
from rag.boundaries import embedder
from rag.context import Source, assemble, passages
from rag.generators.base import Call, Called, Delta, Finish, Passage, Prompt, ToolSpec
from rag.generators.chain import Restart
from rag.generators.extractive import routed
from rag.pen import Draft, Pen
from rag.privacy.policy import noting
from rag.retrieval import Found, Scope
from rag.tracing import Trace, trace_prompt, trace_search
from utils.waiting import apart

MOST_CHARACTERS = 16_000
"""Of what one call returns. The sources that are worst are left out, a record is cut."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a function that searches has found, beside the passages."""

    found: Found
    trace: Trace
    missing: Sequence[str] = ()
    """The parts of the query that nothing was found for."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a function returns: passages of documents, or what there is to say of its caller."""

    sources: Sequence[Source] = ()
    """Best first."""
    record: str = ""
    title: str = ""
    """Of the record."""
    note: str = ""
    """For the generator only, such as why nothing came."""
    search: Search | None = None


def documents_search(*, query: str, asked: str, scope: Scope, top_k: int) -> Result:
    """The passages to answer from; none where they hold no answer. ``asked`` is the question behind the query."""
    with noting([asked, query]):
        result = search_parts(question=query, scope=scope, top_k=top_k)
    found = result.found
    model = embedder()
    trace = trace_search(question=query, found=found, scope=scope, space=model.name if model else "")
    search = Search(found, replace(trace, settings={**trace.settings, "top_k": top_k}), result.missing)
    if not found.answerable:
        return Result(note="The documents hold no answer to this.", search=search)
    return Result(assemble(found.hits, budget=settings.RAG["CONTEXT_TOKENS"]), search=search)


class Toolbox(Protocol):
    @property
    def specs(self) -> Sequence[ToolSpec]: ...

    def call(self, call: Call) -> Result:
        """Raises nothing: what went wrong is in the note."""


@dataclass
class _Given:
    """All that functions have returned, numbered from 1."""

    sources: dict[int, Source] = field(default_factory=dict)
    records: dict[int, Source] = field(default_factory=dict)
    searches: list[Search] = field(default_factory=list)

    def take(self, call: Call, result: Result) -> Called:
        """What the generator sees of it. What it has seen already does not come again."""
        there = {(source.version.pk, source.start, source.end) for source in self.sources.values()}
        left, shown = MOST_CHARACTERS, list[Passage]()
        for source in result.sources:
            left -= len(source.text)
            if left >= 0 and (source.version.pk, source.start, source.end) not in there:
                shown += [replace(passage, marker=self._next()) for passage in passages([source])]
                self.sources[self._next()] = source
        if result.record:
            record = _record(result.title, result.record[: max(0, left)])
            shown.append(Passage(self._next(), result.title, "", record.text, 1.0, record=True))
            self.records[self._next()] = record
        if result.search:
            self.searches.append(result.search)
        note = result.note or ("" if shown else "Nothing new was found.")
        return Called(call, tuple(shown), note[:MOST_CHARACTERS])

    def _next(self) -> int:
        return 1 + len(self.sources) + len(self.records)

    def in_order(self) -> list[Source]:
        """So that places are markers. Records are in no version, so whoever looks them up there cites none."""
        return [source for _, source in sorted({**self.sources, **self.records}.items())]

    def told(self, draft: Draft, prompt: Prompt) -> Done:
        """With the trace of the search that was surest, and with what it did not find."""
        if not self.searches:
            return done_of(draft, None)
        best = max(self.searches, key=lambda search: search.found.confidence)
        trace = trace_prompt(best.trace, prompt=prompt, sources=self.sources, generator=draft.finish.model)
        done = done_of(draft, trace)
        if not done.grounded:
            return replace(done, text=done.text + offer(best.found), metadata={**closest(best.found), **done.metadata})
        if best.missing and len(self.searches) == 1:
            known = {"partial": True, "missing": list(best.missing), **done.metadata}
            return replace(done, text=done.text + note_on_missing(best.missing), metadata=known)
        return done


def _record(title: str, text: str) -> Source:
    """So that an answer can be checked against it. It is in no database, so it is never cited."""
    version = Version(title=title, text=text)
    return Source(version, (Chunk(version=version, text=text),), 0, len(text), text, 1.0)


@dataclass(frozen=True, slots=True)
class Context:
    """What a generator is told beside the question."""

    guidance: str = ""
    """Rules, in this program's own words, each a line of a list."""
    asker: str = ""
    """What is known of whoever asks."""


async def answering_with_tools(
    *, question: str, toolbox: Toolbox, most_calls: int, seconds: float, context: Context = Context()
) -> AsyncGenerator[Event, None]:
    """The events of rag/answering.py. ``seconds`` are for calling; no call begins after them or after ``most_calls``.

    Nobody answers from nothing: a generator that calls no function is given what the rules would call. Raises
    ProviderError only if every generator fails, the offline one included.
    """
    began = time.monotonic()
    given = _Given()
    guidance = f"\n{context.guidance}" if context.guidance else ""
    prompt = Prompt(question, (), tools=tuple(toolbox.specs), guidance=guidance, asker=context.asker)
    spent = Finish(model="none")
    while True:
        yield Sources(given.in_order())
        timeout = settings.RAG["PROVIDER_TIMEOUT"] + seconds - (time.monotonic() - began)
        pen = Pen(prompt, given.sources, records=given.records, timeout=max(1.0, timeout))
        async with aclosing(pen.write()) as events:
            async for event in events:
                yield event
        spent = _sum(spent, pen.finish)
        calls = pen.calls if prompt.may_call else []
        if not calls and prompt.may_call and not prompt.called and (call := routed(prompt)):
            calls = [call]
        if not calls:
            break
        if pen.shown:
            yield Restart()
        for call in calls:
            if len(prompt.called) >= most_calls or time.monotonic() - began > seconds:
                break
            called = await apart(_called, toolbox, given, call)
            prompt = replace(prompt, called=(*prompt.called, called))
        prompt = replace(prompt, may_call=len(prompt.called) < most_calls and time.monotonic() - began <= seconds)
    draft = await apart(pen.draft)
    done = await apart(given.told, replace(draft, finish=spent), prompt)
    if done.text != draft.shown.strip():
        yield Restart()
        yield Delta(done.text)
    yield done


def _called(toolbox: Toolbox, given: _Given, call: Call) -> Called:
    return given.take(call, toolbox.call(call))


def _sum(first: Finish, second: Finish) -> Finish:
    return Finish(
        second.model,
        first.prompt_tokens + second.prompt_tokens,
        first.completion_tokens + second.completion_tokens,
    )
