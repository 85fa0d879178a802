"""Answers that are written on an event loop, any number at a time.

Each runs in a task of its own, so that it is saved whatever becomes of its listener. One beat saves what all of them
have written, a few times a second those that are due, and sees which have been stopped.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from contextvars import Context
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from django.db import Error

from chat.beginning import Exchange
from chat.exchanges import exchange_events, exchange_run
from chat.models import Message, Status
from chat.writing import Writing, checkpoint
from rag.answering import Event
from utils.waiting import apart, held, loop_serving, run_on

logger = logging.getLogger(__name__)
HEARTBEAT_SECONDS = 15.0
_BEAT = 0.25


@dataclass(frozen=True, slots=True)
class Ended:
    """Comes last: the answer is saved as it is. With an ``error`` it has failed, or could not be saved."""

    message: Message
    error: BaseException | None


class _Running:
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.writing = Writing(exchange)
        self.open = True
        """Whether it is still written, and may be stopped."""
        self.unsaved: BaseException | None = None
        """Why it could not be saved."""
        self._news: list[Event | Ended] = []
        self._told = asyncio.Event()
        self._heard = time.monotonic()
        self._task = asyncio.create_task(self._run())

    async def news(self) -> Sequence[Event | Ended]:
        """What has come since; empty if that is nothing for HEARTBEAT_SECONDS."""
        if not self._news:
            self._heard = time.monotonic()
            await self._told.wait()
        self._told.clear()
        news, self._news = self._news, []
        return news

    def heartbeat(self) -> None:
        """Where somebody has waited for long, let them know that it goes on."""
        if time.monotonic() - self._heard >= HEARTBEAT_SECONDS - _BEAT:
            self._told.set()

    def stop(self) -> None:
        if self.open:
            self._task.cancel()

    async def ended(self) -> None:
        await asyncio.wait([self._task])

    @property
    def over(self) -> bool:
        """Whether it is saved, too."""
        return self._task.done()

    def _tell(self, event: Event | Ended) -> None:
        self._news.append(event)
        self._told.set()

    async def _run(self) -> None:
        ending, failure = Status.STOPPED, None
        try:
            async with aclosing(exchange_events(self._exchange)) as events:
                async for event in events:
                    self.writing.take(event)
                    self._tell(event)
            ending = Status.COMPLETE
        except asyncio.CancelledError:
            pass  # this is how it is stopped
        except BaseException as error:  # what is written in Rust may panic, which is no Exception
            ending, failure = Status.FAILED, error
        self.open = False
        try:
            await apart(self.writing.finish, ending, failure)
        except BaseException as error:
            logger.exception("The answer %s could not be saved", self.writing.answer.pk)
            failure = self.unsaved = error
        self._tell(Ended(self.writing.answer, failure))


_running: WeakKeyDictionary[asyncio.AbstractEventLoop, set[_Running]] = WeakKeyDictionary()


async def exchange_stream(exchange: Exchange) -> AsyncGenerator[Sequence[Event | Ended], None]:
    """Answer the question and save the answer. Yields what has come since, and nothing as a heartbeat.

    To close the iterator, or to cancel who iterates it, is to stop the answer: what was written is saved.
    """
    answer = _start(exchange)
    try:
        while True:
            news = await answer.news()
            yield news
            if news and isinstance(news[-1], Ended):
                return
    finally:
        answer.stop()


def exchange_answer(exchange: Exchange) -> None:
    """Answer the question and save the answer, for a caller in a thread, who is told when that is done.

    The loop of a server does it with the others, so that no thread is woken for each word; without one it is done here.
    Raises what saving raises.
    """
    if loop := loop_serving():
        run_on(loop, _answered(exchange))
        return
    for _ in exchange_run(exchange):
        pass


async def _answered(exchange: Exchange) -> None:
    answer = _start(exchange)
    await answer.ended()
    if answer.unsaved:
        raise answer.unsaved


def _start(exchange: Exchange) -> _Running:
    running = _running.setdefault(asyncio.get_running_loop(), set())
    answer = _Running(exchange)
    running.add(answer)
    if len(running) == 1:
        held(_beat(running), context=Context())
    return answer


async def _beat(running: set[_Running]) -> None:
    """Until no answer is running."""
    saving: asyncio.Task[None] | None = None
    while running:
        await asyncio.sleep(_BEAT)
        running -= {answer for answer in running if answer.over}
        for answer in running:
            answer.heartbeat()
        due = [answer for answer in running if answer.open and answer.writing.due(within=_BEAT)]
        if due and (saving is None or saving.done()):  # a slow database keeps nobody from being told that it goes on
            saving = held(_save(due))


async def _save(due: Sequence[_Running]) -> None:
    """What has come so far. Those that nobody waits for are stopped."""
    try:
        given_up = await apart(checkpoint, [answer.writing for answer in due])
    except Error as error:
        logger.warning("Running answers cannot be saved for now: %s", error)
        return
    for answer in due:
        if answer.writing.answer.pk in given_up:
            answer.stop()


async def close() -> None:
    """Stop what runs on this loop and wait until it is saved. For a server that ends."""
    running = list(_running.get(asyncio.get_running_loop(), ()))
    for answer in running:
        answer.stop()
    for answer in running:
        await answer.ended()
