"""Without a model a quiz is a sentence of the video with a gap, and options of one kind."""

import re
from typing import Any

import pytest
from rest_framework.test import APIClient

from learning.agents.cloze.making import cloze_make
from learning.models import Difficulty, Video
from tests.learning.videos.conftest import SAID
from tests.learning.videos.test_quizzes import ask

OTHERS = [
    "The chapel of Skag was painted by Anders Lund in 1688 for the merchant Erik Dahl.",
    "A dike is a bank of earth that keeps the sea away from the fields.",
    "Mayor Holt opened the market of Easton in 1790, and the ferry followed in 1812.",
    "The poet Maria Sund wrote of the islands, and the painter Jon Krag drew them.",
    "A beacon is a fire that warns ships, and a buoy is a float that shows the channel.",
]


def made(segment: str, *, elsewhere: list[str] = OTHERS, **more: Any) -> Any:
    return cloze_make(segment=segment, elsewhere=elsewhere, level=Difficulty.MEDIUM, **more)


def holds(text: str, term: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(term)}(?!\w)", text, re.IGNORECASE))


@pytest.mark.usefixtures("transcript")
def test_the_right_option_is_said_there_and_no_other_is(student_client: APIClient, video: Video) -> None:
    for number, said in enumerate(SAID):
        answer = ask(student_client, video, {"start": number * 20, "end": number * 20 + 20})
        body = answer.json()
        if number == 8:  # nothing like barrels of oak is said elsewhere
            assert (answer.status_code, body["code"]) == (422, "no_quiz")
            continue
        assert answer.status_code == 200, body
        assert body["model"] == "extractive"
        right = body["options"].pop(body["correctAnswer"])
        assert holds(said, right)
        assert not any(holds(said, option) for option in body["options"])
        assert len({option.casefold() for option in body["options"]} | {right.casefold()}) == 4
        assert body["question"].count("____") == 1
        assert not holds(body["question"].partition("“")[2], right)
        (source,) = body["sources"]
        assert (source["start"], source["quote"]) == (number * 20.0, said)


def test_the_same_part_gives_the_same_quiz_until_it_was_asked() -> None:
    segment = "The lighthouse is a granite tower that was finished in 1711 under Governor Hale."
    first = made(segment)
    assert first == made(segment)
    assert made(segment, without=[first.question]).question != first.question


def test_numbers_that_the_course_does_not_hold_are_made_up_near_the_right_one() -> None:
    quiz = made("In 1803 the sea broke into the sheds and took them away.", elsewhere=[])
    assert len(quiz.options) == 4
    assert all(1780 < int(option) < 1830 for option in quiz.options)


@pytest.mark.parametrize(
    "segment",
    [
        "Right.",
        "So it goes on and on like this, and then we are done with it.",
        "?!",
        "海は広い。",
        "a b c d e f g h i j.",
    ],
)
def test_where_nothing_can_be_asked_nothing_is(segment: str) -> None:
    assert made(segment) is None
