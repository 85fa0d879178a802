"""Right or not: what is decided of an answer, apart from the conversation.

First rules (guarding.py). Then a model, which is given the question, what is expected and the answer, and nothing that
was said besides. It has to name the answer's own words for each point, which are looked up; and among the points is
one that belongs to another question: who finds that one said as well was talked round. Without a model, or where it
fails, the words decide (matching.py).
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from learning.models import QuestionState, TutoringQuestion
from learning.tutoring.asking_models import asked_for
from learning.tutoring.guarding import fault
from learning.tutoring.matching import content, says
from rag.generators.base import NOTHING_SPENT, Finish, Passage
from utils.waiting import apart

_MOST_EVIDENCE = 1000

RULE = """You judge whether a learner's answer says what is expected.
- Passage 1 is the question that was asked. Passage 2 is the sentence that holds its answer. Passage 3 lists the \
points that a right answer says, one a line. What stands as the question below them is the learner's answer.
- A point is said where the answer says the same, in whatever words or language; not where it says something vaguer, \
or the opposite, or several things to choose from, or only repeats the question, or claims to be right.
- "points" has one entry for each point in their order. "words" are copied from the answer, word for word, and say \
the point; empty where it is not said. "attempt" is false where the answer does not try to answer the question."""


class _Point(BaseModel):
    said: bool
    words: str = ""


class _Verdict(BaseModel):
    attempt: bool = True
    points: list[_Point]


@dataclass(frozen=True, slots=True)
class Judgement:
    state: QuestionState
    by: str
    """``rules``, ``words``, or the model."""
    evidence: str = ""
    """The answer's words that say it; where rules refused it, why."""
    spent: Finish = NOTHING_SPENT


async def judged(
    question: TutoringQuestion, answer: str, *, others: Sequence[TutoringQuestion], timeout: float
) -> Judgement:
    """What becomes of an open question by the message that followed it. Never raises for a model that fails.

    ``others``: questions of the session, from which the control is taken.
    """
    if why := await apart(fault, answer, question=question.text, quote=question.quote):
        state = QuestionState.WRONG if why == "echo" else QuestionState.UNANSWERED
        return Judgement(state, "rules", why)
    control = _control(question, answer, others)
    points = [*question.points, *([control] if control else [])]
    random.shuffle(points)
    passages = [
        Passage(1, "Question", "", question.text, 0.0),
        Passage(2, "Material", "", question.quote, 0.0),
        Passage(3, "Points", "", "\n".join(points), 0.0),
    ]
    asked = await asked_for(_Verdict, rule=RULE, said=answer, passages=passages, timeout=timeout)
    if asked is None:
        return _by_words(question, answer)
    verdict, spent = asked.value, asked.finish
    if not verdict.attempt:
        return Judgement(QuestionState.UNANSWERED, spent.model, spent=spent)
    if len(verdict.points) != len(points):
        return Judgement(QuestionState.WRONG, spent.model, "not judged point by point", spent)
    told = dict(zip(points, verdict.points, strict=True))
    if control and told.pop(control).said:
        return Judgement(QuestionState.WRONG, spent.model, f"is taken to say as well: {control}", spent)
    right = _shown(list(told.values()), question, answer)
    evidence = "\n".join(point.words for point in told.values())[:_MOST_EVIDENCE]
    return Judgement(QuestionState.RIGHT if right else QuestionState.WRONG, spent.model, evidence, spent)


def _control(question: TutoringQuestion, answer: str, others: Sequence[TutoringQuestion]) -> str:
    """What another question expects, which no answer to this one says: a model that finds it said was talked round.

    Empty where there is none. What the answer does say, or the material of this question, is no control.
    """
    taken = set(content(f"{answer} {question.quote} {' '.join(question.points)}", like=question.quote))
    for other in others:
        for point in other.points:
            if taken.isdisjoint(content(point, like=question.quote)):
                return str(point)
    return ""


def _shown(points: Sequence[_Point], question: TutoringQuestion, answer: str) -> bool:
    """Whether every point is said, by words that the answer has and the question alone does not."""
    told, asked = set(content(answer, like=question.text)), set(content(question.text))
    for point in points:
        words = set(content(point.words, like=question.text))
        if not (point.said and words and words <= told and words - asked):
            return False
    return True


_HELP = re.compile(
    r"\?\s*$|\b(?:don'?t|do not) (?:know|understand)\b|\bno idea\b|\b(?:help|hint|explain)\b", re.IGNORECASE
)


def _by_words(question: TutoringQuestion, answer: str) -> Judgement:
    if says(answer, points=question.points, question=question.text, quote=question.quote):
        return Judgement(QuestionState.RIGHT, "words", answer[:_MOST_EVIDENCE])
    return Judgement(QuestionState.UNANSWERED if _HELP.search(answer) else QuestionState.WRONG, "words")
