"""What every checker of support does."""

from collections.abc import Iterator

import pytest
from django.conf import settings

from rag.support.base import Claim, SupportChecker, Verdict
from rag.support.local import LocalSupportChecker
from rag.support.mistral import MistralSupportChecker
from tests.loopback.mistral import LoopbackMistral
from tests.loopback.server import FailureKind

PASSAGE = "Loans\n\nA reader may borrow up to seven books at a time. A loan lasts four weeks."
OTHER = "Refunds\n\nPostage is not refunded."


def judge(checker: SupportChecker, text: str, *passages: str) -> Verdict:
    [verdict] = checker.check([Claim(text, passages)], timeout=5)
    return verdict


class SupportCheckerContract:
    """A subclass gives the fixture ``checker``."""

    @pytest.mark.parametrize(
        "text",
        [
            "A loan lasts four weeks.",
            "a LOAN  lasts four weeks",
            "You may borrow up to 7 books at a time.",
            "A reader may borrow seven books; a loan lasts four weeks.",
        ],
    )
    def test_what_the_passage_says_is_supported(self, checker: SupportChecker, text: str) -> None:
        verdict = judge(checker, text, PASSAGE)
        assert (verdict.supported, verdict.reason) == (True, "")

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("A loan lasts nine weeks.", "number"),
            ("Mr Smith lends up to seven books at a time.", "name"),
            ("A loan does not last four weeks.", "negation"),
            ("Parking is free behind the house.", "not_said"),
        ],
    )
    def test_what_it_does_not_say_is_not(self, checker: SupportChecker, text: str, reason: str) -> None:
        verdict = judge(checker, text, PASSAGE)
        assert (verdict.supported, verdict.reason) == (False, reason)

    def test_several_passages_support_together(self, checker: SupportChecker) -> None:
        text = "A loan lasts four weeks, and postage is not refunded."
        assert judge(checker, text, PASSAGE, OTHER).supported
        assert not judge(checker, "Postage is not refunded.", PASSAGE).supported

    def test_nothing_is_supported_by_no_passage(self, checker: SupportChecker) -> None:
        assert judge(checker, "A loan lasts four weeks.") == Verdict(False, 0.0, "no_passage")

    def test_verdicts_come_in_the_order_of_the_claims(self, checker: SupportChecker) -> None:
        texts = ["A loan lasts four weeks.", "A loan lasts nine weeks.", "A loan lasts four weeks."]
        verdicts = checker.check([Claim(text, [PASSAGE]) for text in texts], timeout=5)
        assert [verdict.supported for verdict in verdicts] == [True, False, True]
        assert all(0 <= verdict.score <= 1 for verdict in verdicts)
        assert checker.check([], timeout=5) == []

    @pytest.mark.parametrize(
        "text", ["", "...", "[", "the", "x" * 5000, "\ud83d\ude00", "٣ 你好。", "90 m² ①", "9" * 5000]
    )
    def test_no_text_is_too_odd(self, checker: SupportChecker, text: str) -> None:
        assert 0 <= judge(checker, text, PASSAGE).score <= 1
        assert 0 <= judge(checker, PASSAGE, text).score <= 1


class TestLocalSupportChecker(SupportCheckerContract):
    @pytest.fixture
    def checker(self) -> SupportChecker:
        return LocalSupportChecker.from_settings(settings.RAG)


class TestMistralSupportChecker(SupportCheckerContract):
    @pytest.fixture
    def server(self) -> Iterator[LoopbackMistral]:
        with LoopbackMistral() as server:
            yield server

    @pytest.fixture
    def checker(self, server: LoopbackMistral) -> SupportChecker:
        mistral = {"api_key": server.key, "server_url": server.url, "chat_model": "model-of-this-test"}
        return MistralSupportChecker.from_settings({**settings.RAG, "MISTRAL": mistral})

    def test_all_claims_are_asked_at_once_and_the_model_decides(
        self, checker: SupportChecker, server: LoopbackMistral
    ) -> None:
        server.scripted.append('{"supported": [true, false]}')
        claims = [Claim("Nobody keeps a volume beyond a month.", [PASSAGE]), Claim("Books may be borrowed.", [PASSAGE])]
        assert [verdict.supported for verdict in checker.check(claims, timeout=5)] == [True, False]
        assert len(server.requests) == 1

    @pytest.mark.parametrize("kind", ["hang", "error", "rate_limit"])
    def test_without_the_model_it_judges_by_what_it_has(
        self, checker: SupportChecker, server: LoopbackMistral, kind: FailureKind
    ) -> None:
        server.fail_next(kind)
        [verdict] = checker.check([Claim("Readers may borrow seven books at once.", [PASSAGE])], timeout=0.3)
        assert verdict.supported

    @pytest.mark.parametrize("reply", ["Yes.", '{"supported": []}', '{"supported": "yes"}', "[]", "null"])
    def test_a_judgement_that_cannot_be_read_is_none(
        self, checker: SupportChecker, server: LoopbackMistral, reply: str
    ) -> None:
        server.scripted.append(reply)
        assert judge(checker, "Readers may borrow seven books at once.", PASSAGE).supported
