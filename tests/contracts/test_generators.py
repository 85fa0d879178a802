"""What every generator does, and what those at the other end of a connection do when it fails."""

import re
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from django.conf import settings

from rag.errors import ProviderError, ProviderRejected, ProviderUnavailable, RateLimited, StreamTruncated
from rag.generators.base import Delta, Finish, Generator, Passage, Prompt, Turn
from rag.generators.extractive import ExtractiveGenerator
from rag.generators.mistral import MistralGenerator
from rag.generators.openai import OpenAIGenerator
from rag.prompts import REFUSAL
from tests.loopback.mistral import LoopbackMistral
from tests.loopback.server import FailureKind

PASSAGES = (
    Passage(1, "Opening hours", "Visit > Hours", "The library opens at nine. It is closed on Sundays.", 0.6),
    Passage(2, "Refunds", "Shop", "Refunds are paid within fourteen days. Postage is not refunded.", 0.9),
)
PROMPT = Prompt("Within how many days are refunds paid?", PASSAGES)


def text_of(events: list[Delta | Finish]) -> str:
    return "".join(event.text for event in events if isinstance(event, Delta))


class GeneratorContract:
    """A subclass gives the fixture ``generator``."""

    def test_deltas_come_first_and_one_finish_last(self, generator: Generator) -> None:
        *deltas, last = generator.stream(PROMPT, timeout=5)
        assert deltas
        assert all(isinstance(event, Delta) for event in deltas)
        assert isinstance(last, Finish)
        assert last.model

    def test_the_answer_cites_the_passage_that_holds_it(self, generator: Generator) -> None:
        answer = text_of(list(generator.stream(PROMPT, timeout=5)))
        assert "fourteen days" in answer
        assert set(re.findall(r"\[(\d+)\]", answer)) == {"2"}

    def test_nothing_is_answered_from_no_passages(self, generator: Generator) -> None:
        assert text_of(list(generator.stream(Prompt(PROMPT.question, ()), timeout=5))).strip() == f"{REFUSAL}."

    def test_earlier_turns_may_be_given(self, generator: Generator) -> None:
        history = (Turn("user", "Do you sell books?"), Turn("assistant", "Yes, in the shop [1]."))
        answer = text_of(list(generator.stream(Prompt(PROMPT.question, PASSAGES, history), timeout=5)))
        assert "fourteen days" in answer

    def test_it_may_be_closed_at_any_time(self, generator: Generator) -> None:
        generator.stream(PROMPT, timeout=5).close()  # type: ignore[attr-defined]
        answer = generator.stream(PROMPT, timeout=5)
        next(answer)
        answer.close()  # type: ignore[attr-defined]


class OnlineGeneratorContract(GeneratorContract):
    """A subclass also gives the fixture ``stranger``, a generator with a key that the service does not know."""

    @pytest.fixture
    def server(self) -> Iterator[LoopbackMistral]:
        with LoopbackMistral() as server:
            yield server

    def fails(self, generator: Generator, timeout: float = 5) -> tuple[list[Delta | Finish], ProviderError]:
        """What came before the error, and the error."""
        events: list[Delta | Finish] = []
        with pytest.raises(ProviderError) as caught:
            events.extend(generator.stream(PROMPT, timeout=timeout))
        return events, caught.value

    def test_what_the_passages_do_not_hold_is_not_answered(self, generator: Generator) -> None:
        answer = text_of(list(generator.stream(Prompt("Who painted the Mona Lisa?", PASSAGES), timeout=5)))
        assert REFUSAL in answer
        assert not re.search(r"\[\d+\]", answer)

    def test_the_model_and_its_tokens_are_reported(self, generator: Generator, server: LoopbackMistral) -> None:
        *_, last = generator.stream(PROMPT, timeout=5)
        assert isinstance(last, Finish)
        assert last.model == server.requests[-1].json["model"] == "model-of-this-test"
        assert last.prompt_tokens > 50
        assert last.completion_tokens > 5

    def test_closing_the_answer_closes_the_connection(self, generator: Generator, server: LoopbackMistral) -> None:
        server.fail_next("stall")
        answer = generator.stream(PROMPT, timeout=30)
        assert isinstance(next(answer), Delta)
        assert server.open_streams == 1
        answer.close()  # type: ignore[attr-defined]
        assert server.wait_for_streams(0)

    @pytest.mark.parametrize(
        ("header", "seconds"),
        [("7", 7), (format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True), 7200), ("soon", None)],
        ids=["seconds", "date", "nonsense"],
    )
    def test_a_rate_limit_says_when_to_come_back(
        self, generator: Generator, server: LoopbackMistral, header: str, seconds: float | None
    ) -> None:
        server.fail_next("rate_limit", retry_after=header)
        _, error = self.fails(generator)
        assert isinstance(error, RateLimited)
        assert error.retry_after == (seconds and pytest.approx(seconds, abs=600))
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
