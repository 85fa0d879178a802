"""The score, which the server keeps: a topic is mastered when two of the last three questions were answered right."""

from collections.abc import Sequence

from learning.models import Level, QuestionState

RIGHT = 2
WINDOW = 3
"""Questions asked, the last ones. One that got no answer counts as one that was not answered right."""


def mastered(states: Sequence[str]) -> bool:
    """``states`` of the questions that were asked and judged, in their order."""
    return _right(states) >= RIGHT


def score(states: Sequence[str]) -> float:
    """The share of the last ones that was answered right, 0 to 1."""
    last = states[-WINDOW:]
    return _right(states) / len(last) if last else 0.0


def next_level(states: Sequence[str]) -> Level:
    """The more of the last questions were answered right, the harder the next one is."""
    return (Level.EASY, Level.MEDIUM, Level.HARD)[min(_right(states), 2)]


def _right(states: Sequence[str]) -> int:
    return sum(state == QuestionState.RIGHT for state in states[-WINDOW:])
