"""Questions that ask for several things, of which the knowledge base may hold only some."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from documents.gate import Preview
from rag.lexical.analysis import terms, words
from rag.retrieval import Found, Hit, Meaning, Mode, Scope, search

MOST_PARTS = 3
_WH = r"what|when|where|who|whom|whose|why|which|how"
_VERB = r"can|could|may|must|should|do|does|did|is|are|was|were|has|have|had|will|would"
_LEANING = frozenset("it its they them their this that these those there he she his her one ones".split())
"""A part with such a word leans on the others: it cannot be searched for by itself."""
_END = re.compile(r"(?<=[?？؟])\s*")
_BEGINS = re.compile(rf"\s*(?:{_WH}|{_VERB})\b", re.IGNORECASE)
_CLAUSE = re.compile(rf"\s*(?:when|where)\s+(?!{_VERB})", re.IGNORECASE)
"""Tells when or where, and asks nothing: "When the lamp is red, what happened?"."""
# After a comma alone a verb goes on with what was begun: "How many lamps, did she say, are red?".
_JOINT = re.compile(rf"\s*(?:(?:[,;]\s*and|\sand)\s+(?=(?:{_WH}|{_VERB})\b)|[,;]\s*(?=(?:{_WH})\b))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Result:
    """What was found for a question."""

    whole: Found
    """By the question as it stands."""
    found: Found
    """What an answer rests on: the same, but where the question asks for several things."""
    missing: tuple[str, ...] = ()
    """The parts that nothing was found for, where something was found for another."""


def parts(question: str) -> list[str]:
    """What is asked, one question each; the question itself alone where it asks for one thing or for too many."""
    told = [piece.strip() for sentence in _END.split(question) for piece in _JOINT.split(sentence) if _asks(piece)]
    alone = all(terms(part) and _LEANING.isdisjoint(words(part)) for part in told)
    return told if alone and 2 <= len(told) <= MOST_PARTS else [question]


def _asks(piece: str) -> bool:
    """Whether it is a question: what is told beside one is no part of what is asked."""
    return piece.strip().endswith(("?", "？", "؟")) or bool(_BEGINS.match(piece) and not _CLAUSE.match(piece))


def search_parts(
    *,
    question: str,
    scope: Scope,
    top_k: int,
    mode: Mode = "hybrid",
    preview: Preview | None = None,
    meaning: Meaning | None = None,
    strict: bool = False,
) -> Result:
    """Search for the question, and where it asks for several things for each of them.

    This, and nothing else, decides whether a question is answered. A part that is found counts although the whole is
    not. The parameters are those of :func:`search`, ``meaning`` that of the whole.
    """
    one = partial(search, scope=scope, top_k=top_k, mode=mode, preview=preview, strict=strict)
    whole = one(query=question, meaning=meaning)
    asked = parts(question)
    if len(asked) == 1 or not whole.hits:
        return Result(whole, whole)
    found = [one(query=part) for part in asked]
    if not any(part.answerable for part in found):
        return Result(whole, whole)
    missing = tuple(part for part, result in zip(asked, found, strict=True) if not result.answerable)
    hits = _merged([whole.hits if whole.answerable else [], *(part.hits for part in found if part.answerable)], top_k)
    confidence = max(whole.confidence, *(part.confidence for part in found))
    return Result(whole, replace(whole, hits=hits, answerable=True, confidence=confidence), missing)


def _merged(rankings: Sequence[Sequence[Hit]], most: int) -> list[Hit]:
    """The first of each, then the second of each and so on, each passage once."""
    turns = [hits[place] for place in range(most) for hits in rankings if place < len(hits)]
    return list({hit.chunk.pk: hit for hit in turns}.values())[:most]
