"""What an answer was made of, kept so that it can be looked into later.

Texts of passages are not in it: they are in their versions, which stay.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.conf import settings

from rag.context import Source
from rag.generators.base import Prompt
from rag.prompts import messages
from rag.retrieval import Found, Scope


@dataclass(frozen=True, slots=True)
class TracedPassage:
    """One passage that was considered for the context."""

    chunk_id: str
    document_id: str
    version: int
    collection_id: str
    score: float
    cosine: float
    lexical: float
    marker: int | None = None
    """Of the source in the prompt that holds it; None where there was no room for it."""


@dataclass(frozen=True, slots=True)
class Trace:
    question: str
    """As it was searched for."""
    revision: int
    """Of the knowledge base when the search was done."""
    mode: str
    answerable: bool
    confidence: float
    """That the documents hold an answer, 0 to 1; 0 where nothing was found."""
    scope: Mapping[str, Any]
    """``collections`` and ``categories`` (null: any) that were searched."""
    settings: Mapping[str, Any]
    """Those that mattered, as they were."""
    passages: Sequence[TracedPassage] = ()
    prompt_hash: str = ""
    """SHA-256 of the messages to the model; empty where none was asked."""
    system_hash: str = ""
    """SHA-256 of the rules among them."""
    generator: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def trace_search(*, question: str, found: Found, scope: Scope, space: str) -> Trace:
    """``space`` names what embeds questions; empty where nothing does."""
    rag = settings.RAG
    return Trace(
        question=question,
        revision=found.revision,
        mode=found.mode,
        answerable=found.answerable,
        confidence=round(found.confidence, 4),
        scope={
            "collections": sorted(map(str, scope.collections)),
            "categories": None if scope.categories is None else sorted(scope.categories),
        },
        settings={
            "top_k": rag["TOP_K"],
            "threshold": rag["THRESHOLD"],
            "context_tokens": rag["CONTEXT_TOKENS"],
            "embedder": space,
            "support_checker": rag["SUPPORT_CHECKER"],
            "unsupported": rag["UNSUPPORTED"],
        },
        passages=[
            TracedPassage(
                chunk_id=hit.chunk.pk,
                document_id=str(hit.chunk.version.document_id),
                version=hit.chunk.version.number,
                collection_id=str(hit.chunk.version.document.collection_id),
                score=round(hit.score, 4),
                cosine=round(hit.cosine, 4),
                lexical=round(hit.lexical, 4),
            )
            for hit in found.hits
        ],
    )


def trace_prompt(trace: Trace, *, prompt: Prompt, sources: Mapping[int, Source], generator: str) -> Trace:
    """With what was put to the generator: ``sources`` by their markers."""
    marker_of = {chunk.pk: marker for marker, source in sources.items() for chunk in source.chunks}
    sent = messages(replace(prompt, nonce="0"))  # the random word left out: the same prompt has the same hash
    return replace(
        trace,
        passages=[replace(passage, marker=marker_of.get(passage.chunk_id)) for passage in trace.passages],
        prompt_hash=_hash(sent),
        system_hash=_hash([message for message in sent if message["role"] == "system"]),
        generator=generator,
    )


def _hash(sent: Sequence[Mapping[str, Any]]) -> str:
    return hashlib.sha256(json.dumps(sent, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
