"""Personal data and secrets are found in the formats of many countries, and what looks like them is left alone."""

import time

import pytest

from rag.privacy.findings import EVERY, SECRET, Kind, find
from tests.rag.labelled import kept, labelled, tuned
from tests.rag.labelled.measure import counts


@pytest.mark.parametrize("half", [tuned, kept], ids=["tuned", "kept"])
def test_nearly_all_is_found_and_hardly_anything_else(half: object) -> None:
    findings, look_alikes = half.FINDINGS, half.LOOK_ALIKES  # type: ignore[attr-defined]
    hit, wanted, wrong, mistakes = counts(labelled(findings) + labelled(look_alikes))
    assert hit.total() / wanted.total() >= 0.97, mistakes
    assert hit.total() / (hit.total() + wrong.total()) >= 0.97, mistakes


def test_the_labelled_set_is_large_enough_to_say_something() -> None:
    assert len(labelled(tuned.FINDINGS + kept.FINDINGS)) >= 120
    assert len(labelled(tuned.LOOK_ALIKES + kept.LOOK_ALIKES)) >= 120


def test_kinds_that_are_not_asked_for_are_left() -> None:
    text = "Write to ada@example.org or pay to DE89 3704 0044 0532 0130 00."
    assert [finding.kind for finding in find(text, EVERY)] == [Kind.EMAIL, Kind.BANK]
    assert [finding.kind for finding in find(text, SECRET)] == [Kind.BANK]


@pytest.mark.parametrize(
    "piece", ["a-", "a.", "1 ", "(0", "eyJ", "DE89 ", "a@b.", "password is ", "+1 (", "a1B2", "://a:"]
)
def test_no_text_takes_long(piece: str) -> None:
    text = (piece * 4000)[:4000] + "@"
    started = time.process_time()
    find(text)
    assert time.process_time() - started < 1
