"""How a search comes to its passages, step by step, for an editor who wonders."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from documents import selectors
from documents.gate import Preview
from documents.models import Category, Collection
from rag import ranking
from rag.answerability.parts import search_parts
from rag.context import Source, assemble
from rag.errors import ProviderError
from rag.retrieval import CANDIDATES, Hit, Meaning, Mode, Scope, meanings, search
from rag.stages import Stages

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage with its place in each half, counted from 1; None where that half did not name it."""

    hit: Hit
    place: int
    dense: int | None
    lexical: int | None
    fused: float
    closeness: float
    """What the closer look added."""
    used: bool
    """Whether an answer would rest on it."""


@dataclass(frozen=True, slots=True)
class Explanation:
    ranked: Sequence[Ranked]
    mode: Mode
    confidence: float
    """That the passages hold the answer, 0 to 1."""
    threshold: float
    answerable: bool
    missing: Sequence[str]
    """Parts of the question that an answer would say nothing was found for."""
    sources: Sequence[Source]
    """What would go into the prompt; also where the answer would be a refusal, to see what is missing."""
    tokens: int
    budget: int
    took_ms: int
    trouble: str
    """Why half of the search is missing; empty if none is."""


def scope_as(*, asker: str, collection: Collection | None, category: Category | None) -> Scope:
    """What somebody of a role, or ``Asker.VISITOR``, may see, narrowed."""
    visible = selectors.collections_visible(asker)
    if collection:
        visible = visible.filter(pk=collection.pk)
    return Scope(frozenset(visible.values_list("pk", flat=True)), frozenset([category.pk]) if category else None)


def explain(*, query: str, scope: Scope, preview: Preview | None = None) -> Explanation:
    """Search as for an answer, and by each half alone to tell what it ranked where."""
    started = time.perf_counter()
    meaning, trouble = _meaning(query)
    # As many candidates of each half as an answer asks for: it takes twice what is wanted.
    result = search_parts(
        question=query,
        scope=scope,
        top_k=CANDIDATES // 2,
        mode="hybrid" if meaning else "lexical",
        preview=preview,
        meaning=meaning,
    )
    found = result.whole
    dense = _places(query, scope, preview, "dense", meaning) if meaning else {}
    lexical = _places(query, scope, preview, "lexical", None)
    sources = assemble(result.found.hits[: settings.RAG["TOP_K"]], budget=settings.RAG["CONTEXT_TOKENS"])
    used = {chunk.pk for source in sources for chunk in source.chunks}
    ranked = []
    for place, hit in enumerate(found.hits, start=1):
        key = hit.chunk.pk
        fused = ranking.fused(cosine=hit.cosine, lexical=hit.lexical) if found.mode == "hybrid" else hit.lexical
        near = hit.score - fused
        ranked.append(Ranked(hit, place, dense.get(key), lexical.get(key), fused, near, key in used))
    return Explanation(
        ranked,
        found.mode,
        result.found.confidence,
        settings.RAG["THRESHOLD"],
        result.found.answerable,
        result.missing,
        sources,
        sum(chunk.tokens for source in sources for chunk in source.chunks),
        settings.RAG["CONTEXT_TOKENS"],
        round((time.perf_counter() - started) * 1000),
        trouble,
    )


def _meaning(query: str) -> tuple[Meaning | None, str]:
    try:
        [meaning] = meanings([query])
    except ProviderError as error:
        logger.warning("The question could not be embedded: %s", error)
        return None, error.detail
    return meaning, "" if meaning else "There is no embedder, or it has embedded nothing yet."


def _places(query: str, scope: Scope, preview: Preview | None, mode: Mode, meaning: Meaning | None) -> dict[str, int]:
    alone = Stages(closer_look=False)
    found = search(
        query=query, scope=scope, top_k=CANDIDATES, mode=mode, preview=preview, meaning=meaning, stages=alone
    )
    return {hit.chunk.pk: place for place, hit in enumerate(found.hits, start=1)}
