"""Golden questions, asked of the knowledge base as it is or as a change would make it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from documents import selectors
from documents.gate import Preview
from documents.models import Question
from rag.context import Source, assemble
from rag.retrieval import Scope, meanings, search


@dataclass(frozen=True, slots=True)
class Verdict:
    question: Question
    passed: bool
    reason: str
    """Why it failed; empty if it passed."""
    sources: Sequence[Source]
    """What would be answered from, best first; empty where the answer would be a refusal."""


def judge(*, questions: Sequence[Question], preview: Preview | None = None) -> list[Verdict]:
    """Whether each question would be answered as it must be, judged by what its answer would rest on.

    No generator is asked: the same state always gives the same verdict. Raises ProviderError if the embedder or the
    store cannot be reached, since half a search says nothing.
    """
    scopes = {asker: _scope(asker) for asker in {question.asked_by for question in questions}}
    vectors = meanings([question.text for question in questions]) if questions else []
    verdicts = []
    for question, meaning in zip(questions, vectors, strict=True):
        found = search(
            query=question.text,
            scope=scopes[question.asked_by],
            top_k=settings.RAG["TOP_K"],
            preview=preview,
            meaning=meaning,
            strict=True,
        )
        sources = assemble(found.hits, budget=settings.RAG["CONTEXT_TOKENS"]) if found.answerable else []
        reason = _fault(question, sources)
        verdicts.append(Verdict(question, not reason, reason, sources))
    return verdicts


def _scope(asker: str) -> Scope:
    return Scope(frozenset(selectors.collections_visible_to(asker).values_list("pk", flat=True)))


def _fault(question: Question, sources: Sequence[Source]) -> str:
    if question.must_refuse:
        return f"it would be answered from “{sources[0].version.title}”" if sources else ""
    wanted = {document.pk: document.title for document in question.documents.all()}
    if not sources:
        return "it would be refused"
    if not wanted:
        return "no document is named that must answer it"
    missing = wanted.keys() - {source.version.document_id for source in sources}
    return "it would be answered without " + ", ".join(f"“{wanted[key]}”" for key in missing) if missing else ""
