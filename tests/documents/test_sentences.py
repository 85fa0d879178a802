"""Where a reader would say that a sentence ends."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.sentences import sentences

pytestmark = pytest.mark.once


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "parts",
    [
        ["It rains.", "Nobody goes out!", "Why?", "Because."],
        ["He left at 5 p.m. yesterday.", "She stayed."],
        ["Open until 5 p.m.", "Closed on Sundays."],
        ["Dr. Smith met Mr. J. R. Jones in St. Ives.", "They talked."],
        ["Use a vehicle, e.g. a bus, i.e. not a car, etc. and go.", "Then return."],
        ["It costs 3.14 dollars.", "See Fig. 2 and No. 7 on p. 12 for version 1.2.3."],
        ["The answer is no.", "Nothing can be done."],
        ["So do I.", "He does not."],
        ["They moved to the U.S. Army base.", "It was far."],
        ['"Stop!" he said.', '"Never."', "(He went on.)", "End."],
        ["Wait... what?", "Really…", "Yes."],
        ["He asked “Why?”", "She knew."],
        ["1. First open the box.", "2. Then close it."],
        ["吾輩は猫である。", "名前はまだ無い！", "「何？」", "彼は言った。", "終"],
        ["यह एक वाक्य है।", "दूसरा वाक्य।"],
        ["A heading", "A paragraph below it."],
        ["Mail to someone@example.org or see example.org.", "Done."],
        ["Das gilt z.B. für Hunde.", "Katzen nicht."],
    ],
)
def test_sentences_end_where_they_should(parts: list[str]) -> None:
    separator = "" if "吾" in parts[0] else "\n\n" if parts[0] == "A heading" else " "
    if parts[0].startswith("1. "):
        separator = "\n"
    assert cut(separator.join(parts)) == parts


def test_a_line_end_alone_ends_nothing() -> None:
    assert cut("The quick brown\nfox jumps. Over\nit.") == ["The quick brown\nfox jumps.", "Over\nit."]


def test_items_and_rows_are_sentences() -> None:
    assert cut("You need:\n- a key\n  of steel\n- a lamp\n| a | b |\n| c | d |") == [
        "You need:",
        "- a key\n  of steel",
        "- a lamp",
        "| a | b |",
        "| c | d |",
    ]


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(exclude_categories=[]), max_size=80) | st.text("aB1.!?。 \n\"')-|\t", max_size=80))
def test_sentences_hold_all_but_white_space(text: str) -> None:
    position = 0
    for start, end in sentences(text):
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip() != ""
        position = end
    assert not text[position:].strip()


@pytest.mark.parametrize(
    "text", ["a", ".", ". ", ".)", ".' ", "!\n", "\n", " ", "\n ", "。", "- a\n", "a\n", "_*", "No. ", "1. "]
)
@pytest.mark.no_cover
def test_long_texts_take_no_longer_than_their_length(text: str) -> None:
    started = time.process_time()
    sentences((text * 300_000)[:300_000] + "x")
    assert time.process_time() - started < 3
