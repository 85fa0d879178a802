"""What every generator does, and what those at the other end of a connection do when it fails."""

import asyncio
import json
import re
import time
import traceback
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from django.conf import settings

from rag import posting
from rag.errors import ProviderError, ProviderRejected, ProviderUnavailable, RateLimited, StreamTruncated
from rag.generators.base import Call, Called, Delta, Finish, Generator, Passage, Prompt, ToolSpec, Turn
from rag.generators.extractive import ExtractiveGenerator
from rag.generators.mistral import MistralGenerator
from rag.generators.openai import OpenAIGenerator
from rag.prompts import REFUSAL
from tests.loopback.mistral import LoopbackMistral
from tests.loopback.server import FailureKind
from utils.waiting import stepped

PASSAGES = (
    Passage(1, "Opening hours", "Visit > Hours", "The library opens at nine. It is closed on Sundays.", 0.6),
    Passage(2, "Refunds", "Shop", "Refunds are paid within fourteen days. Postage is not refunded.", 0.9),
)
Event = Delta | Call | Finish
SEARCH = ToolSpec(
    "search_knowledge_base",
    "Search the documents.",
    {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
    fits=lambda question: {"query": question},
)
PROMPT = Prompt("Within how many days are refunds paid?", PASSAGES)


def text_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Delta))


def looped(events: AsyncGenerator[Event, None]) -> Iterator[Event]:
    """What it yields on an event loop."""

    async def following() -> Event | None:
        return await anext(events, None)

    with asyncio.Runner() as runner:
        try:
            while event := runner.run(following()):
                yield event
        finally:
            runner.run(events.aclose())
            runner.run(posting.close())


class GeneratorContract:
    """A subclass gives the fixture ``generator``."""

    way: Callable[[AsyncGenerator[Event, None]], Iterator[Event]]

    @pytest.fixture(autouse=True, params=[stepped, looped])
    def _way(self, request: pytest.FixtureRequest) -> None:
        """Without an event loop, and on one."""
        self.way = request.param

    def stream(self, generator: Generator, prompt: Prompt, timeout: float) -> Iterator[Event]:
        return self.way(generator.stream(prompt, timeout=timeout))

    def test_deltas_come_first_and_one_finish_last(self, generator: Generator) -> None:
        *deltas, last = self.stream(generator, PROMPT, 5)
        assert deltas
        assert all(isinstance(event, Delta) for event in deltas)
        assert isinstance(last, Finish)
        assert last.model

    def test_the_answer_cites_the_passage_that_holds_it(self, generator: Generator) -> None:
        answer = text_of(list(self.stream(generator, PROMPT, 5)))
        assert "fourteen days" in answer
        assert set(re.findall(r"\[(\d+)\]", answer)) == {"2"}

    def test_nothing_is_answered_from_no_passages(self, generator: Generator) -> None:
        assert text_of(list(self.stream(generator, Prompt(PROMPT.question, ()), 5))).strip() == f"{REFUSAL}."

    def test_earlier_turns_may_be_given(self, generator: Generator) -> None:
        history = (Turn("user", "Do you sell books?"), Turn("assistant", "Yes, in the shop [1]."))
        answer = text_of(list(self.stream(generator, Prompt(PROMPT.question, PASSAGES, history), 5)))
        assert "fourteen days" in answer

    def test_it_asks_for_a_function_and_answers_from_what_that_returns(self, generator: Generator) -> None:
        asking = Prompt(PROMPT.question, (), tools=(SEARCH,))
        call, last = self.stream(generator, asking, 5)
        assert isinstance(call, Call)
        assert (call.name, json.loads(call.arguments)) == (SEARCH.name, {"query": PROMPT.question})
        assert isinstance(last, Finish)
        *deltas, last = self.stream(generator, replace(asking, called=(Called(call, PASSAGES),)), 5)
        assert "fourteen days" in text_of(deltas)
        assert set(re.findall(r"\[(\d+)\]", text_of(deltas))) == {"2"}

    def test_once_it_may_not_call_it_answers(self, generator: Generator) -> None:
        called = (Called(Call(SEARCH.name, "{}"), (), note="Nothing was found."),)
        events = list(self.stream(generator, Prompt("What?", (), tools=(SEARCH,), called=called, may_call=False), 5))
        assert REFUSAL in text_of(events)

    def test_it_may_be_closed_at_any_time(self, generator: Generator) -> None:
        self.stream(generator, PROMPT, 5).close()  # type: ignore[attr-defined]
        answer = self.stream(generator, PROMPT, 5)
        next(answer)
        answer.close()  # type: ignore[attr-defined]


class OnlineGeneratorContract(GeneratorContract):
    """A subclass also gives the fixture ``stranger``, a generator with a key that the service does not know."""

    @pytest.fixture
    def server(self) -> Iterator[LoopbackMistral]:
        with LoopbackMistral() as server:
            yield server

    def fails(self, generator: Generator, timeout: float = 5) -> tuple[list[Event], ProviderError]:
        """What came before the error, and the error."""
        events: list[Event] = []
        with pytest.raises(ProviderError) as caught:
            events.extend(self.stream(generator, PROMPT, timeout))
        return events, caught.value

    def test_what_the_passages_do_not_hold_is_not_answered(self, generator: Generator) -> None:
        answer = text_of(list(self.stream(generator, Prompt("Who painted the Mona Lisa?", PASSAGES), 5)))
        assert REFUSAL in answer
        assert not re.search(r"\[\d+\]", answer)

    def test_the_model_and_its_tokens_are_reported(self, generator: Generator, server: LoopbackMistral) -> None:
        *_, last = self.stream(generator, PROMPT, 5)
        assert isinstance(last, Finish)
        assert last.model == server.requests[-1].json["model"] == "model-of-this-test"
        assert last.prompt_tokens > 50
        assert last.completion_tokens > 5

    def test_several_functions_with_any_arguments_may_be_asked_for(
        self, generator: Generator, server: LoopbackMistral
    ) -> None:
        asked = [("search_knowledge_base", '{"query": "é", "top_k": 3}'), ("no_such", "not JSON"), ("", "")]
        server.calls.append(asked)
        *calls, last = self.stream(generator, Prompt(PROMPT.question, (), tools=(SEARCH,)), 5)
        assert [(call.name, call.arguments) for call in calls if isinstance(call, Call)] == asked
        assert isinstance(last, Finish)
        function = {"name": SEARCH.name, "description": SEARCH.description, "parameters": dict(SEARCH.parameters)}
        assert server.requests[-1].json["tools"] == [{"type": "function", "function": function}]

    def test_what_was_called_is_told_as_the_protocol_wants_it(
        self, generator: Generator, server: LoopbackMistral
    ) -> None:
        called = (Called(Call("no such!", "[1]"), (), note="There is none."), Called(Call(SEARCH.name, "{}"), PASSAGES))
        list(self.stream(generator, Prompt(PROMPT.question, (), tools=(SEARCH,), called=called), 5))
        sent = server.requests[-1].json["messages"]
        assert [message["role"] for message in sent] == ["system", "user", "assistant", "tool", "assistant", "tool"]
        for asking, told in (sent[2:4], sent[4:6]):
            (call,) = asking["tool_calls"]
            assert re.fullmatch("[a-zA-Z0-9]{9}", call["id"])
            assert told["tool_call_id"] == call["id"]
            assert re.fullmatch(r"[\w-]{1,64}", call["function"]["name"])
            assert isinstance(json.loads(call["function"]["arguments"]), dict)

    def test_who_asks_for_too_much_is_not_listened_to(self, generator: Generator, server: LoopbackMistral) -> None:
        server.calls.append([(SEARCH.name, "{}")] * 17)
        with pytest.raises(ProviderUnavailable):
            list(self.stream(generator, Prompt(PROMPT.question, (), tools=(SEARCH,)), 5))

    def test_a_function_that_was_not_offered_is_no_answer(self, generator: Generator, server: LoopbackMistral) -> None:
        server.calls.append([(SEARCH.name, "{}")])
        list(self.stream(generator, PROMPT, 5))
        assert server.calls

    def test_closing_the_answer_closes_the_connection(self, generator: Generator, server: LoopbackMistral) -> None:
        server.fail_next("stall")
        answer = self.stream(generator, PROMPT, 30)
        assert isinstance(next(answer), Delta)
        assert server.open_streams == 1
        answer.close()  # type: ignore[attr-defined]
        assert server.wait_for_streams(0)

    @pytest.mark.parametrize(
        ("header", "seconds"), [("7", 7), (None, 7200), ("soon", None)], ids=["seconds", "date", "nonsense"]
    )
    def test_a_rate_limit_says_when_to_come_back(
        self, generator: Generator, server: LoopbackMistral, header: str | None, seconds: float | None
    ) -> None:
        header = header or format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)
        server.fail_next("rate_limit", retry_after=header)
        _, error = self.fails(generator)
        assert isinstance(error, RateLimited)
        assert error.retry_after == (seconds and pytest.approx(seconds, abs=60))
        assert not error.permanent

    def test_it_never_tries_again_by_itself(self, generator: Generator, server: LoopbackMistral) -> None:
        server.fail_next("error")
        _, error = self.fails(generator)
        assert isinstance(error, ProviderUnavailable)
        assert len(server.requests) == 1

    @pytest.mark.parametrize("kind", ["hang", "stall", "drip"])
    def test_the_timeout_is_for_all_of_the_answer(
        self, generator: Generator, server: LoopbackMistral, kind: FailureKind
    ) -> None:
        server.fail_next(kind, seconds=0.2)
        began = time.monotonic()
        _, error = self.fails(generator, timeout=0.5)
        assert 0.4 < time.monotonic() - began < 1.2
        assert isinstance(error, ProviderUnavailable)
        assert "in time" in error.detail
        assert server.wait_for_streams(0)

    def test_an_answer_that_ends_before_its_finish_is_truncated(
        self, generator: Generator, server: LoopbackMistral
    ) -> None:
        server.fail_next("truncate")
        events, error = self.fails(generator)
        assert "fourteen days" in text_of(events)
        assert isinstance(error, StreamTruncated)

    @pytest.mark.parametrize("kind", ["cut", "malformed"])
    def test_a_broken_stream_is_an_error_after_what_came(
        self, generator: Generator, server: LoopbackMistral, kind: FailureKind
    ) -> None:
        server.fail_next(kind)
        events, error = self.fails(generator)
        assert text_of(events)
        assert isinstance(error, ProviderUnavailable)
        assert server.wait_for_streams(0)

    def test_an_empty_answer_is_an_error(self, generator: Generator, server: LoopbackMistral) -> None:
        server.scripted.append("")
        assert isinstance(self.fails(generator)[1], ProviderUnavailable)

    def test_a_wrong_key_is_refused_for_good_and_never_shown(
        self, stranger: Generator, server: LoopbackMistral
    ) -> None:
        _, error = self.fails(stranger)
        assert isinstance(error, ProviderRejected)
        assert error.permanent
        assert "a-secret-key" in server.requests[0].headers["authorization"]
        assert "a-secret-key" not in "".join(traceback.format_exception(error))

    def test_a_service_that_is_not_there_is_unavailable(self, generator: Generator, server: LoopbackMistral) -> None:
        server.stop()
        assert isinstance(self.fails(generator)[1], ProviderUnavailable)


class TestMistralGenerator(OnlineGeneratorContract):
    @pytest.fixture
    def generator(self, server: LoopbackMistral) -> Generator:
        return self.build(server, server.key)

    @pytest.fixture
    def stranger(self, server: LoopbackMistral) -> Generator:
        return self.build(server, "a-secret-key")

    def build(self, server: LoopbackMistral, key: str) -> Generator:
        mistral = {"api_key": key, "server_url": server.url, "chat_model": "model-of-this-test"}
        return MistralGenerator.from_settings({"MISTRAL": mistral})


class TestOpenAIGenerator(OnlineGeneratorContract):
    @pytest.fixture
    def generator(self, server: LoopbackMistral) -> Generator:
        return self.build(server, server.key)

    @pytest.fixture
    def stranger(self, server: LoopbackMistral) -> Generator:
        return self.build(server, "a-secret-key")

    def build(self, server: LoopbackMistral, key: str) -> Generator:
        openai = {"api_key": key, "base_url": f"{server.url}/v1", "model": "model-of-this-test"}
        return OpenAIGenerator.from_settings({"OPENAI": openai})


class TestExtractiveGenerator(GeneratorContract):
    @pytest.fixture
    def generator(self) -> Generator:
        return ExtractiveGenerator.from_settings(settings.RAG)
