"""What is done to conversations. A question is saved before it is answered, and its answer however it ends."""

import logging
import time
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from chat import selectors
from chat.models import AnswerTrace, Citation, Message, Sender, Session, Status
from documents.selectors import collections_visible
from rag.answering import Done, answer
from rag.caching import cached
from rag.context import Source
from rag.gaps import gap_record
from rag.retrieval import Scope
from rag.tracing import Trace
from users.models import User
from utils.errors import GroundedError, NotFound

logger = logging.getLogger(__name__)
MOST_CHARACTERS = 4000
HISTORY_TURNS = 10
_TITLE_LENGTH = 80
_ABANDONED = timedelta(minutes=10)
_APOLOGY = "Sorry, this question could not be answered just now. Please try again."


@dataclass(frozen=True, slots=True)
class Exchange:
    question: Message
    answer: Message


def session_create(*, user: User, title: str = "") -> Session:
    return Session.objects.create(user=user, title=title)


def session_rename(*, session: Session, title: str) -> Session:
    session.title = title
    session.save(update_fields=["title", "updated_at"])
    return session


def session_delete(*, session: Session) -> None:
    """Remove the session with its messages."""
    session.delete()


def question_ask(*, user: User, content: str, session: Session | None = None) -> Exchange:
    """Save the question, answer it, and save the answer: complete, or failed with an apology."""
    exchange = _exchange_begin(user, content, session)
    message = exchange.answer
    started = time.perf_counter()
    done: Done | None = None
    try:
        done = _answer(user, exchange)
    except Exception as error:
        # Whatever it was, the conversation goes on and says so; the log has the cause.
        logger.exception("The question %s could not be answered", exchange.question.pk)
        message.status = Status.FAILED
        message.content = _APOLOGY
        message.metadata = {"error": error.code if isinstance(error, GroundedError) else "internal_error"}
    else:
        message.status, message.metadata = Status.COMPLETE, done.metadata
        message.content, message.grounded, message.model = done.text, done.grounded, done.model
        message.metadata = done.metadata
        message.prompt_tokens, message.completion_tokens = done.prompt_tokens, done.completion_tokens
    message.response_time_ms = round((time.perf_counter() - started) * 1000)
    with transaction.atomic():
        if not Session.objects.select_for_update().filter(pk=message.session_id).exists():
            raise NotFound("The session was deleted while the question was answered.")
        message.save(force_update=True)
        if done:
            Citation.objects.bulk_create(_citation(message, marker, source) for marker, source in done.cited.items())
            if done.trace:
                _trace(message, done.trace).save(force_insert=True)
    return exchange


def _exchange_begin(user: User, content: str, session: Session | None) -> Exchange:
    with transaction.atomic():
        if session is None:
            session = session_create(user=user)
        # The lock gives two questions that come at once different places.
        session = Session.objects.select_for_update().get(pk=session.pk)
        # What a process that was killed had begun to answer.
        session.messages.filter(status=Status.STREAMING, timestamp__lt=timezone.now() - _ABANDONED).update(
            status=Status.FAILED, content=_APOLOGY
        )
        last = session.messages.aggregate(last=Max("position"))["last"]
        position = 0 if last is None else last + 1
        question = Message.objects.create(session=session, position=position, sender_type=Sender.USER, content=content)
        bot = Message.objects.create(
            session=session, position=position + 1, sender_type=Sender.BOT, status=Status.STREAMING
        )
        session.title = session.title or _title(content)
        session.updated_at = timezone.now()
        session.save()
    return Exchange(question, bot)


def _answer(user: User, exchange: Exchange) -> Done:
    scope = Scope(frozenset(collections_visible(user).values_list("pk", flat=True)))
    history = selectors.turns_before(message=exchange.question, most=HISTORY_TURNS)
    events = cached(answer)(question=exchange.question.content, history=history, scope=scope)
    done = next(event for event in events if isinstance(event, Done))
    if not done.grounded:
        gap_record(question=exchange.question.content, scope=scope, refusal=done.metadata)
    return done


def _citation(message: Message, marker: int, source: Source) -> Citation:
    document = source.version.document
    return Citation(
        message=message,
        marker=marker,
        chunk_id=source.chunk.pk,
        document_id=document.pk,
        collection_id=document.collection_id,
        version=source.version.number,
        title=source.version.title,
        heading=source.chunk.heading,
        page=source.chunk.page,
        source_uri=document.source_uri,
        char_start=source.start,
        char_end=source.end,
        text=source.text,
    )


def _trace(message: Message, trace: Trace) -> AnswerTrace:
    kept = trace.as_dict()
    apart = {name: kept.pop(name) for name in ("revision", "confidence", "prompt_hash", "system_hash", "passages")}
    return AnswerTrace(message=message, search=kept, **apart)


def _title(content: str) -> str:
    line = " ".join(content.split())
    return line if len(line) <= _TITLE_LENGTH else f"{line[:_TITLE_LENGTH].rsplit(' ', 1)[0]}…"
