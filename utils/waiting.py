"""Code that waits, written once as coroutines, for servers with an event loop and for callers without one.

On a loop, what blocks (the database above all) goes to a few threads by :func:`apart`, and an outside service is
awaited. Without one, :func:`apart` just calls, and whatever waits blocks its thread; so nothing is ever suspended, and
:func:`stepped` can drive such a coroutine by hand.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from functools import partial
from typing import Any, ParamSpec, TypeVar

from django.db import connection, connections

P = ParamSpec("P")
T = TypeVar("T")
THREADS = 16
_held: set[asyncio.Task[Any]] = set()
_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="apart")
_serving: ContextVar[asyncio.AbstractEventLoop | None] = ContextVar("serving", default=None)


def on_a_loop() -> bool:
    """Whether an event loop runs in this thread, so that nothing here may block."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


@contextmanager
def serving() -> Iterator[None]:
    """Let the threads that work for what is served inside use the loop that runs here (:func:`loop_serving`)."""
    token = _serving.set(asyncio.get_running_loop())
    try:
        yield
    finally:
        _serving.reset(token)


def loop_serving() -> asyncio.AbstractEventLoop | None:
    """The loop that waits for this thread, where the thread works for a request of a server with one."""
    return None if on_a_loop() else _serving.get()


def run_on(loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, T]) -> T:
    """Wait in this thread, without a database connection, for a coroutine that runs on the loop of another."""
    connection_lend()
    return asyncio.run_coroutine_threadsafe(coroutine, loop).result()


def waited(coroutine: Coroutine[Any, Any, T]) -> T:
    """Its result, for a caller in a thread: on the loop of the server where there is one, else on one of its own."""
    if loop := loop_serving():
        return run_on(loop, coroutine)
    connection_lend()
    return asyncio.run(coroutine)


def held(work: Coroutine[Any, Any, T], *, context: Context | None = None) -> asyncio.Task[T]:
    """A task that goes on though nobody awaits it: a loop alone does not keep its tasks."""
    task = asyncio.get_running_loop().create_task(work, context=context)
    _held.add(task)
    task.add_done_callback(_held.discard)
    return task


async def apart(call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of a call that blocks. Of those that are made on a loop, at most THREADS run at a time.

    A caller that is cancelled goes on at once; a call that has begun runs to its end all the same.
    """
    if not on_a_loop():
        return call(*args, **kwargs)
    return await in_thread(_threads, partial(call, *args, **kwargs))


async def in_thread(threads: Executor, call: Callable[[], T]) -> T:
    """The result of a call by one of these threads, in the caller's context, with no connection kept afterwards."""
    within = partial(copy_context().run, call)
    return await asyncio.get_running_loop().run_in_executor(threads, _and_connections_closed, within)


def _and_connections_closed(call: Callable[[], T]) -> T:
    try:
        return call()
    except StopIteration as error:  # asyncio would wait for ever
        raise RuntimeError("A call ended by a StopIteration of its own") from error
    finally:
        connections.close_all()


def stepped(events: AsyncGenerator[T, None]) -> Generator[T, None, None]:
    """What an asynchronous generator yields, for a caller without an event loop. Closing it closes the other."""
    try:
        while True:
            try:
                yield at_once(anext(events))
            except StopAsyncIteration:
                return
    finally:
        at_once(events.aclose())


def at_once(waiting: Awaitable[T]) -> T:
    """The result of what has nothing to wait for: for a caller without an event loop."""
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
