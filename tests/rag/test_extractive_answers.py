"""Answers without a language model: the passages' own words, readable, short, each piece with its marker."""

import re

import pytest
from django.conf import settings

from rag.generators.base import Delta, Passage, Prompt
from rag.generators.extractive import MOST_WORDS, ExtractiveGenerator
from rag.prompts import REFUSAL


def answer(question: str, *texts: str) -> str:
    passages = [
        Passage(marker, f"Page {marker}", "Page > Section", text, score=1.0 - marker / 10)
        for marker, text in enumerate(texts, start=1)
    ]
    events = ExtractiveGenerator.from_settings(settings.RAG).stream(Prompt(question, passages), timeout=1)
    return "".join(event.text for event in events if isinstance(event, Delta))


def test_the_sentence_that_answers_is_quoted_with_its_marker() -> None:
    text = "The house was built in 1910. The tower is forty metres high. Visitors come on Sundays."
    assert answer("How high is the tower?", text) == "The tower is forty metres high. [1]"


def test_the_better_passage_is_cited() -> None:
    written = answer("How high is the tower?", "The garden is large and green.", "The tower is forty metres high.")
    assert "forty metres high. [2]" in written


def test_steps_are_kept_whole_with_the_line_that_introduces_them() -> None:
    steps = "1. Switch the lamp off.\n2. Turn the bulb left.\n3. Fit the new one."
    written = answer("How do I change the bulb?", f"Some words about lamps.\n\nTo change the bulb:\n\n{steps}")
    assert written == (
        "To change the bulb:\n\n1. Switch the lamp off.\n2. Turn the bulb left.\n3. Fit the new one.\n[1]"
    )


def test_code_that_repeats_the_question_does_not_beat_a_sentence() -> None:
    code = '{\n  "query": "How high is the tower?",\n  "took_ms": 3\n}'
    assert answer("How high is the tower?", f"{code}\n\nThe tower is forty metres high.").startswith("The tower")


def test_headings_are_not_answers() -> None:
    assert "Section" not in answer("What is in this section?", "Section\n\nIn this section there are three lamps.")


def test_an_answer_is_at_most_eighty_words_of_sentences() -> None:
    text = " ".join(f"The tower number {number} is forty metres high and stands by the river." for number in range(40))
    written = answer("How high is the tower by the river?", text)
    assert len(re.sub(r"\[\d+\]", "", written).split()) <= MOST_WORDS


def test_nothing_is_said_twice() -> None:
    same = "The tower is forty metres high."
    assert answer("How high is the tower?", same, same).count("forty") == 1


@pytest.mark.parametrize("texts", [(), ("",), ("   \n\n ",)])
def test_without_text_there_is_nothing_to_quote(texts: tuple[str, ...]) -> None:
    assert answer("How high is the tower?", *texts) == f"{REFUSAL}."
