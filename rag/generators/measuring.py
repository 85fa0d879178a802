"""A generator's stream, counted: how long it took, to the first words and in all, its tokens and how it ended."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from rag.generators.base import Call, Delta, Finish, Generator, Prompt
from utils import metrics
from utils.spans import span_of_generator


async def measured(
    generator: Generator, prompt: Prompt, *, timeout: float
) -> AsyncGenerator[Delta | Call | Finish, None]:
    began, first, outcome = time.perf_counter(), True, "ok"
    try:
        with span_of_generator("generator call", provider=generator.name):
            async with aclosing(generator.stream(prompt, timeout=timeout)) as events:
                async for event in events:
                    if first:
                        first = False
                        metrics.first_words.labels(generator.name).observe(time.perf_counter() - began)
                    if isinstance(event, Finish):
                        metrics.tokens.labels("generator", generator.name, "prompt").inc(event.prompt_tokens)
                        metrics.tokens.labels("generator", generator.name, "completion").inc(event.completion_tokens)
                    yield event
    except Exception as error:
        outcome = metrics.outcome_of(error)
        raise
    except BaseException:
        outcome = "left"  # whoever asked waits no more
        raise
    finally:
        metrics.calls.labels("generator", generator.name, outcome).observe(time.perf_counter() - began)
