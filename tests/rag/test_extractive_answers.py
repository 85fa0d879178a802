"""Answers without a language model: the passages' own words, readable, short, each sentence with its marker."""

import re

import pytest
from django.conf import settings

from rag.extraction.pieces import MOST_WORDS
from rag.extraction.words import count
from rag.generators.base import Delta, Passage, Prompt
from rag.generators.extractive import ExtractiveGenerator
from rag.prompts import REFUSAL
from utils.waiting import stepped

STEPS = "1. Switch the lamp off.\n2. Turn the bulb left.\n3. Fit the new one."


def answer(question: str, *texts: str, heading: str = "Page > Section") -> str:
    passages = [
        Passage(marker, f"Page {marker}", heading, text, score=1.0 - marker / 10)
        for marker, text in enumerate(texts, start=1)
    ]
    events = ExtractiveGenerator.from_settings(settings.RAG).stream(Prompt(question, passages), timeout=1)
    return "".join(event.text for event in stepped(events) if isinstance(event, Delta))


def unmarked(written: str) -> str:
    return re.sub(r"\s*\[\d+\]", "", written)


def test_the_sentence_that_answers_is_quoted_with_its_marker() -> None:
    text = "The house was built in 1910. The tower is forty metres high. Visitors come on Sundays."
    assert answer("How high is the tower?", text) == "The tower is forty metres high. [1]"


def test_the_better_passage_is_cited() -> None:
    written = answer("How high is the tower?", "The garden is large and green.", "The tower is forty metres high.")
    assert "forty metres high. [2]" in written


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("When was the mill built?", "The mill was built in 1874 beside the old ford."),
        ("Who built the mill?", "It was Anna Berg who built the mill with her brothers."),
        ("Why was the mill built?", "The mill was built because grain had to be carried far."),
    ],
)
def test_what_is_asked_for_tells_sentences_apart(question: str, told: str) -> None:
    ways = ("with great care", "of stone and oak", "in the old manner", "on firm ground", "for a long life")
    others = " ".join(f"The mill was built {way}, as far as it is known to the people of the valley." for way in ways)
    assert told in answer(question, f"{others} {told}")


def test_a_sentence_that_leans_on_the_one_before_comes_with_it() -> None:
    text = "The bell hangs in the south tower. It was cast by Jan Moor in 1702 in Antwerp. The roof is red."
    assert answer("Who was it cast by, and when?", text).startswith(
        "The bell hangs in the south tower. [1] It was cast"
    )


def test_steps_are_kept_whole_with_the_line_that_introduces_them() -> None:
    written = answer("How do I change the bulb?", f"Some words about lamps.\n\nTo change the bulb:\n\n{STEPS}")
    assert written == (
        "To change the bulb: [1]\n\n1. Switch the lamp off. [1]\n2. Turn the bulb left. [1]\n3. Fit the new one. [1]"
    )


def test_long_steps_are_cut_after_a_whole_one() -> None:
    steps = "\n".join(f"{number}. Turn screw number {number} to the left until it is loose." for number in range(1, 20))
    written = answer("How do I open the case?", f"To open the case:\n\n{steps}")
    assert count(unmarked(written)) <= MOST_WORDS
    assert re.search(r"1\. Turn screw number 1 .*until it is loose\. \[1\]\n…$", written, re.DOTALL)


def test_rows_of_a_large_table_come_with_its_head() -> None:
    rows = "\n".join(f"| lamp {name} | {number} watts in all rooms |" for number, name in enumerate("ABCDEFGHIJKLMNOP"))
    written = answer("How many watts has lamp K?", f"| lamp | power |\n|-|-|\n{rows}")
    assert written.startswith("| lamp | power |\n|-|-|\n")
    assert "| lamp K | 10 watts in all rooms |" in written
    assert "lamp A" not in written
    assert written.endswith("\n\n[1]")


def test_a_command_comes_whole_with_its_introduction() -> None:
    text = "To copy the archive, run:\n\ncopyall --from old \\\n  --to items[7]\n\nThe garden is green."
    assert answer("How do I copy the archive?", text) == (
        "To copy the archive, run: [1]\n\n```\ncopyall --from old \\\n  --to items[7]\n```\n[1]"
    )


def test_what_looks_like_a_marker_is_none() -> None:
    assert answer("What is the name of the program?", "The name of the program is in sys.argv[0] always.") == (
        "The name of the program is in `sys.argv[0]` always. [1]"
    )


def test_code_that_repeats_the_question_does_not_beat_a_sentence() -> None:
    code = '{\n  "query": "How high is the tower?",\n  "took_ms": 3\n}'
    assert answer("How high is the tower?", f"{code}\n\nThe tower is forty metres high.").startswith("The tower")


def test_headings_are_not_answers() -> None:
    assert "Section" not in answer("What is in this section?", "Section\n\nIn this section there are three lamps.")
    text = "The tower\n\nHow high is the tower?\n\nForty metres above the river."
    assert answer("How high is the tower?", text) == "Forty metres above the river. [1]"


def test_a_section_about_the_question_is_read_from_its_beginning() -> None:
    text = "May I bring a dog?\n\nOn a lead only. Leave it outside while you eat.\n\nAnd cats?\n\nCats stay at home."
    assert answer("May I bring a dog?", text) == "On a lead only. [1] Leave it outside while you eat. [1]"


def test_a_very_long_sentence_is_cut_at_a_clause() -> None:
    written = answer("How high is the tower?", "The tower is forty metres high" + ", and it is red" * 40 + ".")
    assert count(unmarked(written)) <= MOST_WORDS
    assert written.endswith("and it is red… [1]")


def test_an_answer_is_at_most_eighty_words_of_sentences() -> None:
    text = " ".join(f"The tower number {number} is forty metres high and stands by the river." for number in range(40))
    written = answer("How high is the tower by the river?", text)
    assert len(unmarked(written).split()) <= MOST_WORDS


def test_scripts_without_spaces_have_words_too() -> None:
    text = "这座塔高四十米。" + "河边的花园很大而且很绿，游客每个星期天都来这里散步。" * 20
    written = answer("这座塔有多高？", text)
    assert "这座塔高四十米。 [1]" in written
    assert len(unmarked(written)) <= 2 * MOST_WORDS


def test_nothing_is_said_twice() -> None:
    same = "The tower is forty metres high."
    assert answer("How high is the tower?", same, same).count("forty") == 1


@pytest.mark.parametrize("texts", [(), ("",), ("   \n\n ",)])
def test_without_text_there_is_nothing_to_quote(texts: tuple[str, ...]) -> None:
    assert answer("How high is the tower?", *texts) == f"{REFUSAL}."
