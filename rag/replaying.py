"""A search done again, as of the state of the knowledge base in which it was done first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from documents.history import chunks_unindexed, past
from documents.selectors import point
from rag.boundaries import embedder
from rag.retrieval import Found, Mode, Scope, search

MOST_UNINDEXED = 5000
"""Chunks withdrawn since that are all scored for one search."""


class Note(NamedTuple):
    """In what a search of now differs from the one then."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Again:
    found: Found
    notes: Sequence[Note]
    """Empty where the search is the same in every respect."""


def search_again(
    *, query: str, scope: Scope, revision: int, top_k: int, mode: Mode, space: str, considered: Sequence[str]
) -> Again:
    """Search what was published at the revision.

    What has been withdrawn since is in no index any more: it is scored by the vectors that the database keeps, and by
    its words with the weights of now. ``space`` names what embedded the question then; ``considered`` are the chunks
    that were found then, which are scored in any case.
    """
    then = past(revision=revision)
    also = chunks_unindexed(then, most=MOST_UNINDEXED)
    found = search(
        query=query,
        scope=scope,
        top_k=top_k,
        mode=mode,
        preview=then.preview,
        also=list(considered) if also is None else also,
    )
    model = embedder()
    notes: list[Note] = []
    if point().revision != revision:
        detail = "The knowledge base has changed since: how much a word weighs is told by the index of now."
        notes.append(Note("words_of_now", detail))
    if also is None:
        detail = (
            f"More than {MOST_UNINDEXED} passages have been withdrawn since; only those found then were scored again."
        )
        notes.append(Note("too_many_withdrawn", detail))
    elif also:
        detail = (
            f"{len(also)} passages withdrawn since were scored by their kept vectors and an estimate for their words."
        )
        notes.append(Note("withdrawn_estimated", detail))
    if then.deleted:
        detail = f"{len(then.deleted)} documents of then have been deleted and cannot be searched."
        notes.append(Note("deleted", detail))
    if then.relabelled:
        detail = (
            f"{len(then.relabelled)} documents were moved or published again; they were searched where they are now."
        )
        notes.append(Note("moved", detail))
    if mode != "lexical" and (model.name if model else "") != space:
        detail = f"The question was embedded by {model.name if model else 'nothing'}, then by {space or 'nothing'}."
        notes.append(Note("embedder_changed", detail))
    if found.mode != mode:
        notes.append(Note("mode_changed", f"The search was {found.mode}, then {mode}."))
    return Again(found, notes)
