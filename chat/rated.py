"""Answers that did not help: their questions are knowledge gaps, beside those that were refused."""

from chat.models import Message, Rating, Status
from rag.gaps import gap_rated, gap_unrated
from rag.questions import scope_of

_NEAREST = 3


def gap_follow(*, answer: Message, before: str | None, rating: str | None) -> None:
    """Count the question when the rating becomes "not helpful", and no more when that is taken back.

    A refusal is a gap already, and an answer that failed tells nothing of the documents.
    """
    was, now = before == Rating.NOT_HELPFUL, rating == Rating.NOT_HELPFUL
    if was == now or not answer.grounded or answer.status != Status.COMPLETE or answer.parent is None:
        return
    asker, question = answer.session.owner, answer.parent.content
    scope = scope_of(asker.role)
    if was:
        gap_unrated(question=question, scope=scope)
        return
    cited = dict.fromkeys((str(cited.document_id), cited.title) for cited in answer.citations.all())
    closest = [{"document_id": key, "title": title} for key, title in list(cited)[:_NEAREST]]
    told = {"confidence": answer.metadata.get("confidence", 0.0), "closest": closest}
    gap_rated(question=question, scope=scope, answer=told, asker=asker)
