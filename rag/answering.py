"""From a question to an answer that rests on passages, or a plain refusal.

Answering yields events and keeps nothing: chat/exchanges.py saves what comes of it. It waits for whoever writes the
answer as utils/waiting.py says; what asks the database is done apart.
"""

import logging
from collections.abc import AsyncGenerator, Generator, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings

from documents.gate import Preview
from rag.answerability.parts import Result, search_parts
from rag.answerability.refusing import closest, note_on_missing, offer
from rag.boundaries import embedder, one_choice
from rag.context import Source, assemble, passages
from rag.followups.standalone import standalone
from rag.generators.base import Delta, Prompt, Turn
from rag.generators.chain import Restart
from rag.pen import Draft, Pen
from rag.privacy.policy import noting
from rag.prompts import REFUSAL
from rag.retrieval import Found, Scope
from rag.timing import timed
from rag.tracing import Trace, trace_prompt, trace_search
from utils.waiting import apart, stepped

logger = logging.getLogger(__name__)
_MODEL_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Sources:
    """Comes first: what the answer may rest on. Empty where the answer is a refusal."""

    sources: Sequence[Source]


@dataclass(frozen=True, slots=True)
class Done:
    """Comes last: the whole answer, with markers that name cited sources only."""

    text: str
    grounded: bool
    """False where the answer says that the knowledge base does not hold it."""
    cited: dict[int, Source] = field(default_factory=dict)
    """Marker → source. Each stands in the database as it is cited."""
    model: str = "none"
    """Who wrote it; ``none`` for a refusal that needed nobody."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    metadata: dict[str, Any] = field(default_factory=dict)
    """What else the asker may know, ready for JSON: ``standalone_question``, where the question leant on the history;
    ``confidence`` that the documents hold the answer, 0 to 1; ``partial`` with the ``missing`` parts of the question
    where some were not found; ``closest`` documents and ``best_score`` of a refusal; ``unsupported`` sentences;
    ``cached``, where the answer was made a while ago."""
    trace: Trace | None = None
    """What it was made of, not for the asker."""


Event = Sources | Delta | Restart | Done


def answer(
    *, question: str, history: Sequence[Turn], scope: Scope, preview: Preview | None = None
) -> Generator[Event, None, None]:
    """As :func:`answering`, for a caller without an event loop."""
    return stepped(answering(question=question, history=history, scope=scope, preview=preview))


async def answering(
    *, question: str, history: Sequence[Turn], scope: Scope, preview: Preview | None = None
) -> AsyncGenerator[Event, None]:
    """Sources, the text as it is written, then Done. A Restart voids the text that came before it.

    The deltas since the last Restart, put together and stripped, are the text of Done. Raises ProviderError only if
    every generator fails, the offline one included.
    """
    basis = await apart(_basis, question, history, scope, preview)
    yield Sources(basis.sources)
    if basis.refusal:
        yield Delta(basis.refusal.text)
        yield basis.refusal
        return
    numbered = dict(enumerate(basis.sources, start=1))
    prompt = Prompt(basis.question, passages(basis.sources), history)
    pen = Pen(prompt, numbered)
    async with aclosing(pen.write()) as events:
        async for event in events:
            yield event
    draft = await apart(pen.draft)
    if settings.RAG["UNSUPPORTED"] == "regenerate" and draft.checked.unsupported:
        yield Restart()
        pen = Pen(replace(prompt, strict=True), numbered)
        async with aclosing(pen.write()) as events:
            async for event in events:
                yield event
        second = await apart(pen.draft)
        draft = second.after(draft.finish)
    done = await apart(_whole, basis, draft, pen.prompt, numbered)
    if done.text.startswith(draft.shown):
        if more := done.text[len(draft.shown) :]:
            yield Delta(more)
    elif done.text != draft.shown.strip():
        # What the check has changed takes the place of what was written.
        yield Restart()
        yield Delta(done.text)
    yield done


@dataclass(frozen=True, slots=True)
class _Basis:
    """What an answer is to be written from, or the refusal in its place."""

    question: str
    """As it is understood."""
    result: Result
    metadata: Mapping[str, Any]
    trace: Trace
    sources: Sequence[Source] = ()
    refusal: Done | None = None


@one_choice()
def _basis(question: str, history: Sequence[Turn], scope: Scope, preview: Preview | None) -> _Basis:
    results: dict[str, Result] = {}

    def find(text: str) -> Found:
        results[text] = search_parts(question=text, scope=scope, top_k=settings.RAG["TOP_K"], preview=preview)
        return results[text].found

    with noting([question, *(turn.content for turn in history)]):
        asked = standalone(question=question, history=history, find=find)
    found = asked.found
    metadata = {"standalone_question": asked.question} if asked.question != question else {}
    model = embedder()
    trace = trace_search(question=asked.question, found=found, scope=scope, space=model.name if model else "")
    basis = _Basis(asked.question, results[asked.question], metadata, trace)
    if found.answerable:
        with timed("assembling"):
            return replace(basis, sources=assemble(found.hits, budget=settings.RAG["CONTEXT_TOKENS"]))
    text = f"{REFUSAL}.{offer(found)}"
    return replace(basis, refusal=Done(text, grounded=False, metadata=metadata | closest(found), trace=trace))


def _whole(basis: _Basis, draft: Draft, prompt: Prompt, numbered: Mapping[int, Source]) -> Done:
    trace = trace_prompt(basis.trace, prompt=prompt, sources=numbered, generator=draft.finish.model)
    return _told(done_of(draft, trace), basis.result, draft.sources.values(), basis.metadata)


def _told(done: Done, result: Result, there: Iterable[Source], metadata: Mapping[str, Any]) -> Done:
    """With what is said besides: the closest documents, or which parts of the question were not found."""
    found, missing = result.found, result.missing
    if not done.grounded:
        left = {source.version.pk for source in there}  # what has gone meanwhile is not named
        found = replace(found, hits=[hit for hit in found.hits if hit.chunk.version_id in left])
        more, known = offer(found), closest(found)
    else:
        more, known = note_on_missing(missing), {"confidence": round(found.confidence, 3)}
        known |= {"partial": True, "missing": list(missing)} if missing else {}
    return replace(done, text=done.text + more, metadata={**metadata, **known, **done.metadata})


def done_of(draft: Draft, trace: Trace | None) -> Done:
    checked, finish = draft.checked, draft.finish
    unsupported = [sentence.as_dict() for sentence in checked.unsupported]
    if not checked.grounded:
        # What no passage supports is withheld, and so has no place in the text.
        unsupported = [{**sentence, "start": None, "end": None} for sentence in unsupported]
    return Done(
        checked.text if checked.grounded else f"{REFUSAL}.",
        checked.grounded,
        {marker: draft.sources[marker] for marker in checked.markers} if checked.grounded else {},
        finish.model[:_MODEL_LENGTH],
        finish.prompt_tokens,
        finish.completion_tokens,
        {"unsupported": unsupported} if unsupported else {},
        trace,
    )
