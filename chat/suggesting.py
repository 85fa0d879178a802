"""What a conversation may go on with, and what it may begin with."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Literal, NamedTuple

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.db.models.functions import Lower, Trim
from django.utils import timezone

from chat.beginning import Exchange
from chat.models import Audience, Citation, Message, QuickReply, Sender, Status
from documents import selectors as documents
from documents.models import Document
from rag.answering import Done
from rag.privacy.findings import find
from rag.retrieval import Scope
from rag.suggesting import LONGEST, suggestions_make
from utils.remembering import key_of, recall, remember

logger = logging.getLogger(__name__)
MOST = 6
"""Quick replies offered at once."""
ASKERS = 3
"""Different people who must have asked a question before it is offered to others."""
_SINCE = timedelta(days=30)
_REMEMBERED = 600
_LOOKED_AT = 50


def suggestions_after(*, exchange: Exchange, done: Done) -> list[str]:
    """What may be asked after an answer that rests on documents; nothing that the conversation has asked already."""
    if not done.grounded:
        return []
    question = exchange.question
    earlier = Message.objects.filter(session=question.session_id, sender_type=Sender.USER).exclude(pk=question.pk)
    before = earlier.values_list("content", flat=True) if question.position else ()
    asked = [*before, question.content, done.metadata.get("standalone_question", question.content)]
    cited = [source.chunk for source in done.cited.values()]
    try:
        return suggestions_make(cited=cited, scope=exchange.scope, asked=asked)
    except Exception:  # an answer is not lost for want of a suggestion
        logger.exception("Nothing could be suggested after %s", question.pk)
        return []


class Opening(NamedTuple):
    source: Literal["editors", "questions"]
    suggestions: Sequence[str]


def openings(*, scope: Scope, audience: Audience) -> Opening:
    """What to begin a conversation with: what editors have set, else what is often asked and answered."""
    replies = QuickReply.objects.filter(active=True, audience__in=[Audience.EVERYBODY, audience])
    if texts := list(replies.values_list("text", flat=True)[:MOST]):
        return Opening("editors", texts)
    key = key_of("openings", *documents.point(), *sorted(map(str, scope.collections)))
    found = recall([key]).get(key)
    if found is None:
        found = list(dict.fromkeys([*_often_asked(scope), *_golden(scope)]))[:MOST]
        remember({key: found}, seconds=_REMEMBERED)
    return Opening("questions", found)


def _often_asked(scope: Scope) -> list[str]:
    """Questions that several people have asked in the same words and that this scope answers, the most asked first.

    Only answers count that lean on nothing said before, and whose every source is published in the scope: a question
    tells of its answer.
    """
    shown = Document.objects.filter(collection__in=scope.collections, published__isnull=False)
    cited = Citation.objects.filter(message=OuterRef("pk"))
    answers = Message.objects.filter(
        Exists(cited),
        ~Exists(cited.exclude(document_id__in=shown.values("pk"))),
        ~Q(metadata__has_key="standalone_question"),
        parent=OuterRef("pk"),
        grounded=True,
        status=Status.COMPLETE,
    )
    rows = (
        Message.objects.filter(Exists(answers), sender_type=Sender.USER, timestamp__gte=timezone.now() - _SINCE)
        .annotate(said=Lower(Trim("content")))
        .values("said")
        .annotate(askers=Count("session__user", distinct=True), written=Min("content"))
        .filter(askers__gte=ASKERS)
        .order_by("-askers", "said")
    )
    texts = [" ".join(row["written"].split()) for row in rows[:_LOOKED_AT]]
    return [text for text in texts if len(text) <= LONGEST and not find(text)]


def _golden(scope: Scope) -> list[str]:
    questions = documents.questions_answerable(collections=scope.collections)
    return [question.text for question, _ in questions if len(question.text) <= LONGEST]
