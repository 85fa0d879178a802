"""Answers, counted, whoever asks: how they ended, and how long they and their first words took."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from rag.answering import Done, Event
from rag.generators.base import Delta
from utils import metrics


async def measured(answer: AsyncGenerator[Event, None]) -> AsyncGenerator[Event, None]:
    """The same events."""
    began, first, kept = time.perf_counter(), None, "no"
    outcome = "stopped"
    try:
        async with aclosing(answer) as events:
            async for event in events:
                if first is None and isinstance(event, Delta):
                    first = time.perf_counter() - began
                if isinstance(event, Done):
                    kept = "yes" if event.metadata.get("cached") else "no"
                    outcome = "answered" if event.grounded else "refused"
                yield event
    except Exception:
        outcome = "failed"
        raise
    finally:
        metrics.answers.labels(outcome, kept).observe(time.perf_counter() - began)
        if first is not None:
            metrics.first_texts.labels(kept).observe(first)
