"""A question and its answer: run, and ended in one of the states, whatever happens.

The question and an empty answer are saved first (chat/beginning.py). Running yields what rag/answering.py yields and
saves what comes of it (chat/writing.py). Without an event loop that is :func:`exchange_run`; on one it is
chat/streaming.py.
"""

from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import aclosing
from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Coalesce
from django.utils import timezone

from chat import selectors
from chat.assistant import looked_up
from chat.beginning import Exchange
from chat.measuring import measured
from chat.models import Kind, Message, Owner, Status
from chat.writing import APOLOGY, Writing, checkpoint
from rag.answering import Done, Event, answering
from rag.caching import cached
from rag.gaps import gap_record
from rag.generators.base import Turn
from rag.retrieval import Scope
from utils.waiting import apart, stepped

HISTORY_TURNS = 10
_SILENCE = 60.0
"""Seconds beyond a provider's time-out. Whoever still writes an answer has said so by then."""


def exchange_run(exchange: Exchange) -> Generator[Event, None, None]:
    """Answer the question and save the answer. To close the iterator is to stop the answer."""
    writing = Writing(exchange)
    ending, failure = Status.STOPPED, None
    events = stepped(exchange_events(exchange))
    try:
        for event in events:
            writing.take(event)
            if writing.due() and checkpoint([writing]):
                return
            yield event
        ending = Status.COMPLETE
    except Exception as error:
        # Whatever it was, the conversation goes on and says so; the log has the cause.
        ending, failure = Status.FAILED, error
    finally:
        events.close()
        writing.finish(ending, failure)


async def exchange_events(exchange: Exchange) -> AsyncGenerator[Event, None]:
    """The events of the answer. Saves nothing of it."""
    question = exchange.question.content
    kind, scope, history = await apart(_basis, exchange)
    if kind == Kind.ASSISTANT:
        events = _gaps_kept(measured(looked_up(exchange)), question, scope, exchange.asker)
    else:
        events = question_events(
            question=question, history=history, scope=scope, asker=exchange.asker, fresh=exchange.fresh
        )
    async with aclosing(events):
        async for event in events:
            yield event


def question_events(
    *, question: str, history: Sequence[Turn], scope: Scope, asker: Owner, fresh: bool = False
) -> AsyncGenerator[Event, None]:
    """The events of an answer, whoever asks: from the answers that are kept, else made."""
    events = cached(answering, fresh=fresh)(question=question, history=history, scope=scope)
    return _gaps_kept(measured(events), question, scope, asker)


async def _gaps_kept(
    answer: AsyncGenerator[Event, None], question: str, scope: Scope, asker: Owner
) -> AsyncGenerator[Event, None]:
    """The same events; a refusal among them is kept as a gap of the knowledge base."""
    async with aclosing(answer) as events:
        async for event in events:
            if isinstance(event, Done) and not event.grounded:
                await apart(gap_record, question=question, scope=scope, refusal=event.metadata, asker=asker)
            yield event


def _basis(exchange: Exchange) -> tuple[str, Scope, list[Turn]]:
    kind = exchange.question.session.kind
    return kind, exchange.scope, selectors.turns_before(message=exchange.question, most=HISTORY_TURNS)


def answer_stop(*, message: Message) -> Message:
    """Have a running answer end as it is; one that has ended stays. Whoever writes it sees it within a second.

    What is returned holds what was saved of it until now.
    """
    Message.objects.filter(pk=message.pk, status=Status.STREAMING).update(status=Status.STOPPED)
    message.refresh_from_db()
    return message


def answers_close_stale(*, silent: float | None = None) -> int:
    """End the answers that nobody writes any more: failed, with what came of them. Returns how many.

    ``silent``: seconds since the last sign of life; None: longer than an answer that is written can be.
    """
    if silent is None:
        silent = settings.RAG["PROVIDER_TIMEOUT"] + _SILENCE
    stale = (
        Message.objects.filter(status=Status.STREAMING)
        .annotate(alive=Coalesce("checkpoint_at", "timestamp"))
        .filter(alive__lte=timezone.now() - timedelta(seconds=silent))
    )
    ended = {"status": Status.FAILED, "metadata": {"error": "interrupted"}}
    return stale.filter(content="").update(content=APOLOGY, **ended) + stale.update(**ended)


def close_stale_when_idle(**_: object) -> None:
    """For workers: a look at rows that an index holds, which costs next to nothing."""
    answers_close_stale()
