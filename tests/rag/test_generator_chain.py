"""Where one generator fails the next answers; one that keeps failing is left alone for a while."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Self

import pytest

from rag.errors import ProviderError, ProviderRejected, ProviderUnavailable
from rag.generators.base import Delta, Finish, Generator, Prompt
from rag.generators.chain import GeneratorChain, Restart
from utils.breaker import CircuitBreaker
from utils.waiting import stepped

PROMPT = Prompt("Why?", [])


class Scripted(Generator):
    """Says what it was given to say; an exception is raised in its place."""

    def __init__(self, name: str, *events: Delta | ProviderError) -> None:
        self.name, self.events, self.asked = name, events, 0

    @classmethod
    def from_settings(cls, config: Mapping[str, Any]) -> Self:
        return cls("scripted")

    async def stream(self, prompt: Prompt, *, timeout: float) -> AsyncGenerator[Delta | Finish, None]:
        self.asked += 1
        for event in self.events:
            if isinstance(event, ProviderError):
                raise event
            yield event
        yield Finish(self.name)


def spoken(chain: GeneratorChain) -> list[object]:
    return list(stepped(chain.stream(PROMPT, timeout=5)))


def test_the_first_answers_when_it_can() -> None:
    first, last = Scripted("first", Delta("Yes")), Scripted("last", Delta("No"))
    assert spoken(GeneratorChain([first, last])) == [Delta("Yes"), Finish("first")]
    assert last.asked == 0


def test_the_next_answers_when_the_first_fails() -> None:
    chain = GeneratorChain([Scripted("first", ProviderUnavailable("down")), Scripted("last", Delta("No"))])
    assert spoken(chain) == [Delta("No"), Finish("last")]


def test_what_a_failing_one_had_begun_is_void() -> None:
    first = Scripted("first", Delta("Ye"), ProviderUnavailable("cut"))
    assert spoken(GeneratorChain([first, Scripted("last", Delta("No"))])) == [
        Delta("Ye"),
        Restart(),
        Delta("No"),
        Finish("last"),
    ]


def test_what_came_of_the_last_one_stands() -> None:
    chain = GeneratorChain([Scripted("only", Delta("Ye"), ProviderUnavailable("cut"))])
    came: list[object] = []
    with pytest.raises(ProviderUnavailable):
        came.extend(stepped(chain.stream(PROMPT, timeout=5)))
    assert came == [Delta("Ye")]


def test_one_that_failed_three_times_in_a_row_is_not_asked_again_for_a_while() -> None:
    first = Scripted("first", ProviderUnavailable("down"))
    chain = GeneratorChain([first, Scripted("last", Delta("No"))])
    for _ in range(5):
        spoken(chain)
    assert first.asked == 3


def test_a_refused_request_does_not_count_against_the_provider() -> None:
    first = Scripted("first", ProviderRejected("too long"))
    chain = GeneratorChain([first, Scripted("last", Delta("No"))])
    for _ in range(5):
        spoken(chain)
    assert first.asked == 5


def test_if_all_fail_the_last_error_is_raised() -> None:
    chain = GeneratorChain([Scripted("first", ProviderUnavailable("a")), Scripted("last", ProviderUnavailable("b"))])
    with pytest.raises(ProviderUnavailable, match="b"):
        spoken(chain)


def test_after_the_cooldown_one_call_is_let_through() -> None:
    breaker = CircuitBreaker(failures=1, cooldown=0)
    breaker.failed()
    assert breaker.allows()
    breaker = CircuitBreaker(failures=1, cooldown=60)
    breaker.failed()
    assert not breaker.allows()
    breaker.succeeded()
    assert breaker.allows()
