"""Which question is asked next.

Questions are made ahead, several at a time, of the material alone: whoever makes them sees nothing that the learner
has written. What a model makes is taken only if its answer is in the material and not in the question itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from pydantic import BaseModel

from learning.models import Level, TutoringQuestion, TutoringSession
from learning.tutoring.asking_models import asked_for
from learning.tutoring.cloze import Asked, clozes
from learning.tutoring.mastery import WINDOW
from learning.tutoring.matching import content, same
from learning.tutoring.withholding import holds_marker
from rag.generators.base import NOTHING_SPENT, Finish, Passage
from utils.waiting import apart

BANK = 6
"""Questions that are made at once."""
_LONGEST = 500
_MOST_POINTS = 3
_GROUNDED = 0.6
"""Of the words of a point that must be in the material."""

RULE = f"""You write the questions of an oral examination on a topic.
- The passages are the material; the first one is the topic itself. Ask about the topic only what the passages answer.
- What stands as the question below them are questions that were asked already: ask others.
- Write {BANK} questions, two easy, two medium, two hard: easy ones ask for what stands in one sentence, hard ones for \
reasons, comparisons and uses. Each is open, can be answered in one or two sentences, and does not hold its answer.
- "points" are one to three short phrases, all of which a right answer says, in the words of the \
material. "quote" is the sentence of a passage that holds the answer, copied word for word."""


class _Made(BaseModel):
    level: Level
    question: str
    points: list[str]
    quote: str


class _Bank(BaseModel):
    questions: list[_Made]


@dataclass(frozen=True, slots=True)
class Picked:
    """The next question, and those that were made with it; all of them not saved where they are new."""

    question: TutoringQuestion | None
    """None where the material holds too little to ask about."""
    made: Sequence[TutoringQuestion] = ()
    spent: Finish = NOTHING_SPENT


async def picked(
    session: TutoringSession,
    *,
    questions: Sequence[TutoringQuestion],
    material: Sequence[Passage],
    level: Level,
    timeout: float,
) -> Picked:
    """The next question of about this level: one that was prepared, else a new one; where none is to be had, one that
    was asked before, but not among the last ones. ``questions`` are all of the session, in their order."""
    asked = sorted((one for one in questions if one.turn is not None), key=lambda one: one.turn or 0)
    prepared = [one for one in questions if one.turn is None]
    if found := _nearest(_fresh(prepared, asked), level):
        return Picked(found)
    made, spent = await _made(material, asked, timeout)
    rows = _rows(session, made, after=max((one.number for one in questions), default=0))
    if not (found := _nearest(_fresh(rows, asked), level)):
        made = await apart(clozes, material, most=2 * BANK)
        rows = _fresh(_rows(session, made, after=max((one.number for one in questions), default=0)), asked)
        found = _nearest(rows, level)
    if found:
        return Picked(found, rows, spent)
    last_asked = {one.text: one for one in asked}  # of those with one text the last
    recent = asked[-(WINDOW - 1) :]
    old = [one for one in last_asked.values() if not any(_repeats(one, other) for other in recent)]
    if not old:
        return Picked(None, (), spent)
    longest_ago = min(old, key=lambda one: one.turn or 0)
    again = _rows(session, [_asked(longest_ago)], after=max(one.number for one in questions))
    return Picked(again[0], again, spent)


async def _made(
    material: Sequence[Passage], asked: Sequence[TutoringQuestion], timeout: float
) -> tuple[list[Asked], Finish]:
    """By a model. Empty where there is none, or it fails."""
    said = "\n".join(f"- {one.text}" for one in asked[-2 * BANK :]) or "None yet."
    written = await asked_for(_Bank, rule=RULE, said=said, passages=material, timeout=timeout)
    if written is None:
        return [], NOTHING_SPENT
    texts = [" ".join(passage.text.split()).casefold() for passage in material]
    usable = [found for one in written.value.questions[: 2 * BANK] if (found := _usable(one, texts))]
    return usable, written.finish


def _usable(made: _Made, material: Sequence[str]) -> Asked | None:
    """The question, if it can be asked and judged."""
    text, quote = " ".join(made.question.split()), " ".join(made.quote.split())
    points = tuple(" ".join(point.split()) for point in made.points if point.strip())
    if not (10 <= len(text) <= _LONGEST and 0 < len(quote) <= _LONGEST and 0 < len(points) <= _MOST_POINTS):
        return None
    within = next((passage for passage in material if quote.casefold() in passage), None)
    if within is None or holds_marker(f"{text} {' '.join(points)}", settings.TUTORING["MARKER"]):
        return None
    there, given = set(content(within, like=quote)), set(content(text, like=quote))
    for point in points:
        words = set(content(point, like=quote))
        if not words - given or len(words & there) < _GROUNDED * len(words):
            return None
    return Asked(made.level, text, points, quote)


def _rows(session: TutoringSession, made: Iterable[Asked], *, after: int) -> list[TutoringQuestion]:
    return [
        TutoringQuestion(
            session=session,
            number=after + place,
            level=one.level,
            text=one.text,
            points=list(one.points),
            quote=one.quote,
        )
        for place, one in enumerate(made, start=1)
    ]


def _asked(row: TutoringQuestion) -> Asked:
    return Asked(Level(row.level), row.text, tuple(row.points), row.quote)


def _fresh(rows: Iterable[TutoringQuestion], asked: Sequence[TutoringQuestion]) -> list[TutoringQuestion]:
    """Those that ask nothing that was asked, and nothing twice."""
    kept: list[TutoringQuestion] = []
    for row in rows:
        if not any(_repeats(row, one) for one in [*asked, *kept]):
            kept.append(row)
    return kept


def _repeats(one: TutoringQuestion, other: TutoringQuestion) -> bool:
    return same(one.text, other.text) or set(one.points) == set(other.points)


def _nearest(rows: Sequence[TutoringQuestion], level: Level) -> TutoringQuestion | None:
    levels = list(Level)
    wanted = levels.index(level)
    return min(rows, key=lambda row: abs(levels.index(Level(row.level)) - wanted), default=None)
