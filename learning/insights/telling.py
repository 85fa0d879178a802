"""Insights in words: what was found, what it rests on, and what can be done."""

from typing import NamedTuple

from learning.insights.patterns import LATELY
from learning.models import Insight, InsightKind


class Told(NamedTuple):
    title: str
    explanation: str
    action: str


def told(insight: Insight) -> Told:
    figures = insight.figures
    course, topic = insight.course, insight.topic
    match insight.kind:
        case InsightKind.STRUGGLING:
            name = topic.title if topic else ""
            return Told(
                f"“{name}” gives you trouble",
                f"In the last {LATELY.days} days you answered {_times(figures['wrong'], 'quiz', 'quizzes')} of "
                f"{figures['answered']} on it wrong and asked for {_times(figures['hints'], 'hint', 'hints')}.",
                f"Watch the videos of “{name}” again, then answer a quiz on them.",
            )
        case InsightKind.STALLED:
            name = course.title if course else ""
            return Told(
                f"“{name}” has come to a halt",
                f"You have completed {figures['progress']} per cent of it, and nothing in the last "
                f"{_times(figures['days'], 'day', 'days')}.",
                "Take up the next topic, or leave the course.",
            )
        case InsightKind.STREAK:
            return Told(
                f"{figures['days']} days in a row",
                f"You have completed something on each of the last {figures['days']} days.",
                "Complete a topic today to go on.",
            )
    name = course.title if course else ""
    return Told(
        f"You are ready for “{name}”",
        f"In the course before it you answered {figures['answered'] - figures['wrong']} of {figures['answered']} "
        "quizzes right, and you have completed most of it.",
        f"Take a look at “{name}”: it is one level harder.",
    )


def _times(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
