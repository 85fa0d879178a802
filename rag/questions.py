"""Golden questions, asked of the knowledge base as it is or as a change would make it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction

from documents import selectors
from documents.gate import Preview
from documents.models import Question
from documents.selectors import Viewer
from rag.answerability.parts import search_parts
from rag.context import Source, assemble
from rag.models import QuestionResult, QuestionRun
from rag.retrieval import Meaning, Scope, meanings


@dataclass(frozen=True, slots=True)
class Verdict:
    question: Question
    passed: bool
    reason: str
    """Why it failed; empty if it passed."""
    sources: Sequence[Source]
    """What would be answered from, best first; empty where the answer would be a refusal."""


def questions_check() -> QuestionRun:
    """Ask all golden questions and keep what comes of it. Raises ProviderError."""
    revision = selectors.point().revision
    verdicts = judge(questions=list(selectors.questions_all()))
    passed = sum(verdict.passed for verdict in verdicts)
    with transaction.atomic():
        run = QuestionRun.objects.create(revision=revision, passed=passed, failed=len(verdicts) - passed)
        QuestionResult.objects.bulk_create(
            QuestionResult(
                run=run,
                question=verdict.question,
                text=verdict.question.text,
                passed=verdict.passed,
                reason=verdict.reason,
                sources=[_kept(source) for source in verdict.sources],
            )
            for verdict in verdicts
        )
    return run


def _kept(source: Source) -> dict[str, Any]:
    return {
        "document_id": str(source.version.document_id),
        "version": source.version.number,
        "title": source.version.title,
        "heading": source.chunk.heading,
        "page": source.chunk.page,
        "score": round(source.score, 4),
    }


def judge(*, questions: Sequence[Question], preview: Preview | None = None) -> list[Verdict]:
    """Whether each question would be answered as it must be, judged by what its answer would rest on.

    No generator is asked: the same state always gives the same verdict. Raises ProviderError if the embedder or the
    store cannot be reached, since half a search says nothing.
    """
    scopes = {asker: scope_of(asker) for asker in {question.asked_by for question in questions}}
    vectors = meanings([question.text for question in questions])
    verdicts = []
    for question, meaning in zip(questions, vectors, strict=True):
        sources = sources_for(question.text, scopes[question.asked_by], meaning, preview)
        reason = _fault(question, sources)
        verdicts.append(Verdict(question, not reason, reason, sources))
    return verdicts


def sources_for(text: str, scope: Scope, meaning: Meaning | None, preview: Preview | None) -> list[Source]:
    """What an answer would rest on; nothing where it would be a refusal. Raises ProviderError."""
    top_k = settings.RAG["TOP_K"]
    found = search_parts(question=text, scope=scope, top_k=top_k, preview=preview, meaning=meaning, strict=True).found
    return assemble(found.hits, budget=settings.RAG["CONTEXT_TOKENS"]) if found.answerable else []


def scope_of(viewer: Viewer) -> Scope:
    """What somebody may see."""
    return Scope(selectors.collection_ids_visible(viewer))


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
