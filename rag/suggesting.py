"""What may be asked next: questions that the documents just cited answer, too. No provider is asked.

Candidates are golden questions of the cited documents, which editors vouch for, then the headings of the sections
around what was cited. Each is looked for by its words and kept only if its own document would answer it.
"""

from collections.abc import Iterator, Sequence
from typing import TypedDict

from django.conf import settings

from documents import selectors
from documents.models import Chunk
from rag.boundaries import one_choice
from rag.lexical.analysis import terms
from rag.retrieval import Scope, search
from rag.stages import Stages
from utils.remembering import key_of, recall, remember

MOST = 3
LONGEST = 200
_NEAR = 6
"""Passages before and after one that was cited."""
_MOST_CANDIDATES = 24
_REMEMBERED = 86_400
_HERE = Stages(reranker=False)


class Candidate(TypedDict):
    text: str
    version: int
    """Of its document, by which it is known whatever else is published."""
    golden: bool


def suggestions_make(*, cited: Sequence[Chunk], scope: Scope, asked: Sequence[str]) -> list[str]:
    """At most three questions to go on with, none of which says the same as one that was asked.

    Each of the ``cited`` chunks comes with its version; the last of what was asked is what they answered. What a
    suggestion tells of is within the scope. Candidates are remembered for a while, and which of them are answered.
    """
    state = [settings.RAG["THRESHOLD"], *sorted(map(str, scope.collections))]
    key = key_of("suggestions", *sorted(chunk.pk for chunk in cited), *selectors.point(), *state)
    candidates: list[Candidate] | None = recall([key]).get(key)
    if candidates is None:
        candidates = list(_candidates(cited, scope))[:_MOST_CANDIDATES]
        remember({key: candidates}, seconds=_REMEMBERED)
    keys = [key_of("answered", candidate["text"], candidate["version"], *state) for candidate in candidates]
    known, learnt = recall(keys), dict[str, bool]()
    said = [frozenset(terms(text)) for text in asked]
    told: list[str] = []
    for candidate, key in sorted(zip(candidates, keys, strict=True), key=lambda found: _nearness(found[0], said[-1])):
        means = frozenset(terms(candidate["text"]))
        if not means or means in said:
            continue
        if key not in known:
            known[key] = learnt[key] = _is_answered(candidate, scope)
        if known[key]:
            said.append(means)
            told.append(candidate["text"])
        if len(told) == MOST:
            break
    remember(learnt, seconds=_REMEMBERED)
    return told


def _nearness(candidate: Candidate, subject: frozenset[str]) -> tuple[bool, int]:
    """Golden questions first, those about the subject before others; headings stay in their order."""
    shared = len(subject.intersection(terms(candidate["text"]))) if candidate["golden"] else 0
    return not candidate["golden"], -shared


def _candidates(cited: Sequence[Chunk], scope: Scope) -> Iterator[Candidate]:
    documents = {chunk.version.document_id: chunk.version_id for chunk in cited}
    golden = selectors.questions_answerable(collections=scope.collections, documents=documents)
    for question, answering in golden[: _MOST_CANDIDATES // 2]:
        document = next(document for document in answering if document in documents)
        if len(question.text) <= LONGEST:
            yield Candidate(text=question.text, version=documents[document], golden=True)
    shown = {chunk.heading for chunk in cited}
    for chunk in selectors.chunks_around(chunks=cited, most=_NEAR):
        title, heading = chunk.version.title, chunk.heading.rsplit(" > ", 1)[-1]
        # A page's own title says nothing that is not known by now.
        if chunk.heading in shown or heading in ("", title):
            continue
        shown.add(chunk.heading)
        text = heading if heading.endswith(("?", "？", "؟")) else f"{title}: {heading}"
        if len(text) <= LONGEST:
            yield Candidate(text=text, version=chunk.version_id, golden=False)


@one_choice()
def _is_answered(candidate: Candidate, scope: Scope) -> bool:
    top_k = settings.RAG["TOP_K"]
    found = search(query=candidate["text"], scope=scope, top_k=top_k, mode="lexical", stages=_HERE)
    return found.answerable and any(hit.chunk.version_id == candidate["version"] for hit in found.hits)
