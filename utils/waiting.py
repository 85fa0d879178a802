"""Code that waits, written once as coroutines, for servers with an event loop and for callers without one.

On a loop, what blocks (the database above all) goes to a few threads by :func:`apart`, and an outside service is
awaited. Without one, :func:`apart` just calls, and whatever waits blocks its thread; so nothing is ever suspended, and
:func:`stepped` can drive such a coroutine by hand.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar

from django.db import connection, connections

P = ParamSpec("P")
T = TypeVar("T")
THREADS = 16
_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="apart")


def on_a_loop() -> bool:
    """Whether an event loop runs in this thread, so that nothing here may block."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


async def apart(call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of a call that blocks. Of those that are made on a loop, at most THREADS run at a time.

    A caller that is cancelled goes on at once; a call that has begun runs to its end all the same.
    """
    if not on_a_loop():
        return call(*args, **kwargs)
    within = partial(copy_context().run, call, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_threads, _and_connections_closed, within)


def _and_connections_closed(call: Callable[[], T]) -> T:
    try:
        return call()
    finally:
        connections.close_all()


def stepped(events: AsyncGenerator[T, None]) -> Generator[T, None, None]:
    """What an asynchronous generator yields, for a caller without an event loop. Closing it closes the other."""
    try:
        while True:
            try:
                yield _now(anext(events))
            except StopAsyncIteration:
                return
    finally:
        _now(events.aclose())


def _now(waiting: Awaitable[T]) -> T:
    """The result of what has nothing to wait for."""
    try:
        waiting.__await__().__next__()
    except StopIteration as finished:
        result: T = finished.value
        return result
    raise RuntimeError("Something waits for an event loop where there is none.")


def connection_lend() -> None:
    """Give this thread's database connection back for now, where connections are shared and no transaction is open.

    For whoever is about to wait for somebody outside. The next query takes one again.
    """
    if "pool" in connection.settings_dict.get("OPTIONS", {}) and not connection.in_atomic_block:
        connection.close()
