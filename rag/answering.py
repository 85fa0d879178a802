"""From a question to an answer that rests on passages, or a plain refusal.

Answering yields events and keeps nothing: chat/services.py saves what comes of it.
"""

import logging
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings

from documents.blocks import normalise
from documents.gate import Preview
from rag.answerability.parts import Result, search_parts
from rag.answerability.refusing import closest, note_on_missing, offer
from rag.boundaries import embedder, generator_chain
from rag.citations.checking import Checked, check
from rag.citations.markers import MarkerFilter
from rag.citations.places import stored
from rag.context import Source, assemble, passages
from rag.followups.standalone import standalone
from rag.generators.base import Delta, Finish, Prompt, Turn
from rag.generators.chain import Restart
from rag.outgoing import Outgoing, addresses
from rag.prompts import REFUSAL
from rag.retrieval import Found, Scope
from rag.tracing import Trace, trace_prompt, trace_search

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


def answer(*, question: str, history: Sequence[Turn], scope: Scope, preview: Preview | None = None) -> Iterator[Event]:
    """Sources, the text as it is written, then Done. A Restart voids the text that came before it.

    The deltas since the last Restart, put together and stripped, are the text of Done. Raises ProviderError only if
    every generator fails, the offline one included.
    """
    results: dict[str, Result] = {}

    def find(text: str) -> Found:
        results[text] = search_parts(question=text, scope=scope, top_k=settings.RAG["TOP_K"], preview=preview)
        return results[text].found

    asked = standalone(question=question, history=history, find=find)
    result, found = results[asked.question], asked.found
    metadata = {"standalone_question": asked.question} if asked.question != question else {}
    model = embedder()
    trace = trace_search(question=asked.question, found=found, scope=scope, space=model.name if model else "")
    if not found.answerable:
        text = f"{REFUSAL}.{offer(found)}"
        yield Sources(())
        yield Delta(text)
        yield Done(text, grounded=False, metadata=metadata | closest(found), trace=trace)
        return
    sources = assemble(found.hits, budget=settings.RAG["CONTEXT_TOKENS"])
    yield Sources(sources)
    numbered = dict(enumerate(sources, start=1))
    prompt = Prompt(asked.question, passages(sources), history)
    draft = yield from _drafted(prompt, numbered)
    if settings.RAG["UNSUPPORTED"] == "regenerate" and draft.checked.unsupported:
        yield Restart()
        prompt = replace(prompt, strict=True)
        second = yield from _drafted(prompt, numbered)
        draft = second.after(draft.finish)
    done = _done(draft, trace_prompt(trace, prompt=prompt, sources=numbered, generator=draft.finish.model))
    done = _told(done, result, metadata)
    if not done.text.startswith(draft.shown):
        # What the check has changed takes the place of what was written.
        yield Restart()
        yield Delta(done.text)
    elif more := done.text[len(draft.shown) :]:
        yield Delta(more)
    yield done


def _told(done: Done, result: Result, metadata: Mapping[str, Any]) -> Done:
    """With what is said besides: the closest documents, or which parts of the question were not found."""
    found, missing = result.found, result.missing
    if not done.grounded:
        more, known = offer(found), closest(found)
    else:
        more, known = note_on_missing(missing), {"confidence": round(found.confidence, 3)}
        known |= {"partial": True, "missing": list(missing)} if missing else {}
    return replace(done, text=done.text + more, metadata={**metadata, **known, **done.metadata})


@dataclass(frozen=True, slots=True)
class _Draft:
    """What a generator has written, as it was shown, and what the check makes of it."""

    shown: str
    checked: Checked
    sources: Mapping[int, Source]
    finish: Finish

    def after(self, first: Finish) -> "_Draft":
        """With the tokens of the try before."""
        finish = Finish(
            self.finish.model,
            first.prompt_tokens + self.finish.prompt_tokens,
            first.completion_tokens + self.finish.completion_tokens,
        )
        return replace(self, finish=finish)


def _drafted(prompt: Prompt, sources: Mapping[int, Source]) -> Generator[Delta | Restart, None, _Draft]:
    """Write an answer and check it. No delta holds a marker that names no source."""
    shown: list[str] = []
    written: list[str] = []
    keep = MarkerFilter(sources)
    finish = Finish(model="none")
    allowed = addresses(source.text for source in sources.values())
    outgoing = Outgoing(allowed)
    for event in generator_chain().stream(prompt, timeout=settings.RAG["PROVIDER_TIMEOUT"]):
        match event:
            case Restart():
                shown, written, keep, outgoing = [], [], MarkerFilter(sources), Outgoing(allowed)
                yield event
                continue
            case Finish():
                finish, piece = event, outgoing.rest()
            case Delta(text):
                piece = outgoing.take(text)
        written.append(piece)
        if told := keep.feed(piece):
            shown.append(told)
            yield Delta(told)
    if told := keep.close():
        shown.append(told)
        yield Delta(told)
    # Asked at the end: a document may have gone while the answer was written.
    there = stored(sources)
    text = normalise("".join(written)).strip()
    refused = not text or text.replace("’", "'").lower().startswith(REFUSAL.lower())
    checked = Checked(text) if refused else check(text, there, remove=settings.RAG["UNSUPPORTED"] == "remove")
    return _Draft("".join(shown), checked, there, finish)


def _done(draft: _Draft, trace: Trace) -> Done:
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
