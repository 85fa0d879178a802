"""From a question to an answer that rests on passages, or a plain refusal.

Answering yields events and keeps nothing: chat/services.py saves what comes of it.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from documents.blocks import normalise
from documents.gate import Preview
from rag.boundaries import generator_chain
from rag.context import Source, assemble, passages
from rag.generators.base import Delta, Finish, Prompt, Turn
from rag.generators.chain import Restart
from rag.prompts import REFUSAL
from rag.retrieval import Scope, search

logger = logging.getLogger(__name__)
# Code is passed over: what stands in brackets there is not a marker.
_MARKERS = re.compile(r"```.*?```|`[^`\n]*`| ?((?:\[\d{1,3}\])+)", re.DOTALL)
_MODEL_LENGTH = 100
_MARKER = re.compile(r"\[(\d{1,3})\]")


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
    """Marker → source."""
    model: str = "none"
    """Who wrote it; ``none`` for a refusal that needed nobody."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    metadata: dict[str, Any] = field(default_factory=dict)
    """What else the asker may know, ready for JSON: ``cached``, where the answer was made a while ago."""


Event = Sources | Delta | Restart | Done


def answer(*, question: str, history: Sequence[Turn], scope: Scope, preview: Preview | None = None) -> Iterator[Event]:
    """Sources, the text as it is written, then Done. A Restart voids the text that came before it.

    Raises ProviderError only if every generator fails, the offline one included.
    """
    found = search(query=question, scope=scope, top_k=settings.RAG["TOP_K"], preview=preview)
    if not found.answerable:
        yield Sources(())
        yield Delta(f"{REFUSAL}.")
        yield Done(f"{REFUSAL}.", grounded=False)
        return
    sources = assemble(found.hits, budget=settings.RAG["CONTEXT_TOKENS"])
    yield Sources(sources)
    written: list[str] = []
    finish = Finish(model="none")
    prompt = Prompt(question, passages(sources), history)
    for event in generator_chain().stream(prompt, timeout=settings.RAG["PROVIDER_TIMEOUT"]):
        if isinstance(event, Finish):
            finish = event
        else:
            written = [*written, event.text] if isinstance(event, Delta) else []
            yield event
    yield _done("".join(written), dict(enumerate(sources, start=1)), finish)


def _done(text: str, sources: dict[int, Source], finish: Finish) -> Done:
    text = normalise(text)
    # Only at the start: a passage that is about refusals may be quoted.
    grounded = bool(text.strip()) and not text.strip().replace("’", "'").lower().startswith(REFUSAL.lower())
    text, used = _checked(text, sources if grounded else {})
    # An answer without markers still shows what it was made from.
    cited = {marker: sources[marker] for marker in sorted(used or sources)} if grounded else {}
    return Done(
        text or f"{REFUSAL}.",
        grounded,
        cited,
        finish.model[:_MODEL_LENGTH],
        finish.prompt_tokens,
        finish.completion_tokens,
    )


def _checked(text: str, sources: dict[int, Source]) -> tuple[str, set[int]]:
    """The text without markers that name no source, and the markers that are left."""
    used: set[int] = set()

    def known(match: re.Match[str]) -> str:
        if match.group(1) is None:
            return match.group()
        kept = [int(number) for number in _MARKER.findall(match.group(1)) if int(number) in sources]
        used.update(kept)
        space = " " if match.group().startswith(" ") and kept else ""
        return space + "".join(f"[{number}]" for number in kept)

    return _MARKERS.sub(known, text).strip(), used
