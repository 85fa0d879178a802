"""A question whose conversation the client keeps and sends each time: it is answered and counted, and nothing is saved.

For clients that speak the protocols of others (openai_api/, mcp_server/). What they ask counts against the limits as
any question does, and what is not answered is a gap; there is no session, so nothing to stop, replay or export.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from chat.exchanges import question_events
from chat.models import Message
from chat.quotas import quota_take, usage_add
from chat.serializers import CitationSerializer
from chat.streaming import HEARTBEAT_SECONDS
from chat.writing import citations_of
from rag.answering import Done, Event
from rag.generators.base import Turn
from rag.questions import scope_of
from users.models import User
from utils.representing import all_represented
from utils.waiting import apart, stepped


@dataclass(frozen=True, slots=True)
class Asked:
    user: User
    question: str
    history: Sequence[Turn]
    headers: Mapping[str, str]
    """What is left of the asker's quota, for the response."""


def question_take(*, user: User, question: str, history: Sequence[Turn] = ()) -> Asked:
    """Count a question that is about to be answered. Raises LimitReached."""
    return Asked(user, question, history, quota_take(user=user))


async def asked_events(asked: Asked) -> AsyncGenerator[Event, None]:
    """The events of the answer. Its tokens are counted when it is whole."""
    scope = await apart(scope_of, asked.user)
    events = question_events(question=asked.question, history=asked.history, scope=scope, asker=asked.user)
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Done):
                await apart(_count, asked.user, event)
            yield event


def asked_answer(asked: Asked) -> Done:
    """The whole answer, for a caller without an event loop. Raises what answering raises."""
    events = list(stepped(asked_events(asked)))
    done = events[-1]
    assert isinstance(done, Done)  # noqa: S101 - it comes last
    return done


async def asked_stream(asked: Asked) -> AsyncGenerator[Event | None, None]:
    """The events as they come, and None as a heartbeat. Raises what answering raises.

    To close the iterator, or to cancel who iterates it, is to stop the answer, which runs in a task of its own: a
    heartbeat must not disturb what it waits for.
    """
    news: asyncio.Queue[Event | None] = asyncio.Queue()

    async def run() -> None:
        try:
            async with aclosing(asked_events(asked)) as events:
                async for event in events:
                    news.put_nowait(event)
        finally:
            news.put_nowait(None)

    task = asyncio.create_task(run())
    try:
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    event = await news.get()
            except TimeoutError:
                yield None
                continue
            if event is None:
                break
            yield event
        await task
    finally:
        task.cancel()
        await asyncio.wait([task])


def cited(done: Done) -> list[dict[str, Any]]:
    """The citations as the chat API has them."""
    return all_represented(CitationSerializer, citations_of(Message(), done.cited))


def _count(user: User, done: Done) -> None:
    kept = bool(done.metadata.get("cached"))
    usage_add(
        user=user,
        prompt_tokens=0 if kept else done.prompt_tokens,
        completion_tokens=0 if kept else done.completion_tokens,
    )
