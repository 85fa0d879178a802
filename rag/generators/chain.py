"""The generators one after another: where one fails, the next answers."""

import logging
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from rag.errors import ProviderError, trouble_note
from rag.generators.base import Call, Delta, Finish, Generator, Prompt
from rag.generators.measuring import measured
from rag.privacy.prompts import guarded
from utils.breaker import CircuitBreaker

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Restart:
    """What came so far is void: its generator failed, and the next one begins."""


class GeneratorChain:
    """Primary, backups, and last one that cannot fail. Each has a circuit breaker of its own."""

    def __init__(self, generators: Sequence[Generator], purpose: str = "answering") -> None:
        """``purpose`` is what the metrics call its circuit breakers, beside the generator's name."""
        self._links = [
            (guarded(generator), CircuitBreaker(name=f"{generator.name}:{purpose}")) for generator in generators
        ]

    def troubled(self) -> list[str]:
        """The generators that kept failing here, so that others answer."""
        return [generator.name for generator, breaker in self._links if breaker.is_open]

    async def stream(self, prompt: Prompt, *, timeout: float) -> AsyncGenerator[Delta | Call | Restart | Finish, None]:
        """As a generator's stream, with a Restart wherever the answer begins again.

        Raises the last ProviderError if all fail; what came of the last one then stands. One that hangs leaves half of
        the time to those after it.
        """
        deadline = time.monotonic() + timeout
        trouble: ProviderError | None = None
        begun = False
        for position, (generator, breaker) in enumerate(self._links):
            if not breaker.allows():
                trouble_note()
                continue
            if begun:
                yield Restart()
                begun = False
            left = max(0.1, deadline - time.monotonic())
            more_after = len(self._links) - position > 2  # the last needs no time to speak of
            try:
                async with aclosing(measured(generator, prompt, timeout=left / 2 if more_after else left)) as events:
                    async for event in events:
                        begun = True
                        yield event
            except ProviderError as error:
                logger.warning("The generator %s failed: %s", generator.name, error)
                trouble = error
                if not error.permanent:
                    breaker.failed()
            else:
                breaker.succeeded()
                return
        raise trouble or ProviderError("No generator is configured.")
