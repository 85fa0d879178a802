"""What to learn next, out of the courses that there are and that the learner may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from django.db.models import Count, Q
from pydantic import BaseModel, Field, StringConstraints

from learning.agents.asking import Made, made
from learning.agents.cloze.terms import stems_of
from learning.agents.voice import Voice
from learning.courses.selectors import courses_visible
from learning.models import Agent, Course, Interaction, Topic
from rag.generators.base import Passage, Prompt
from rag.lexical.languages import language_of
from rag.outgoing import checked
from users.models import User

_CONSIDERED = 2_000
"""Topics."""
_OFFERED = 12
_RECOMMENDED = 5
_RULE = """You advise a learner what to learn next.
- The passages are topics of courses that there are, each with its number. Recommend only these, by number, five at \
most, the best first, each with a reason in one sentence.
- detectedIssues says, for what the learner struggles with, what seems to be the trouble; nextSteps are two to five \
concrete steps, in their order."""
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class Recommended(BaseModel):
    number: Annotated[int, Field(ge=1)]
    reason: _Text


class PathReply(BaseModel):
    detectedIssues: Annotated[list[_Text], Field(max_length=10)]
    recommended: Annotated[list[Recommended], Field(max_length=_RECOMMENDED)]
    nextSteps: Annotated[list[_Text], Field(min_length=1, max_length=5)]


@dataclass(frozen=True, slots=True)
class Candidate:
    topic: Topic
    struggles: tuple[str, ...]
    """Which of the concepts it is about."""
    goals: tuple[str, ...]
    worth: float


def candidates(
    *, user: User, course: Course, struggles: Sequence[str], completed: Sequence[str], goals: Sequence[str]
) -> list[Candidate]:
    """The topics that fit best, those of the course first where they fit equally well."""
    topics = Topic.objects.filter(module__course__in=courses_visible(user)).select_related("module__course")
    ordered = topics.order_by("module__course__title", "module__position", "position", "pk")[:_CONSIDERED]
    done = {" ".join(one.split()).casefold() for one in completed}
    found = [
        candidate
        for topic in ordered
        if " ".join(topic.title.split()).casefold() not in done
        and (candidate := _weighed(topic, course, struggles, goals)).worth > 0
    ]
    return sorted(found, key=lambda candidate: -candidate.worth)[:_OFFERED]


def _weighed(topic: Topic, course: Course, struggles: Sequence[str], goals: Sequence[str]) -> Candidate:
    told = " ".join([topic.title, topic.description, *topic.learning_objectives])
    language = language_of(told)
    title, words = stems_of(topic.title, language), stems_of(told, language)

    def share(text: str) -> float:
        asked = stems_of(text, language)
        return (len(asked & words) + len(asked & title)) / (2 * len(asked)) if asked else 0.0

    shares = {text: share(text) for text in (*struggles, *goals)}
    worth = max((shares[text] for text in struggles), default=0.0) + 0.6 * max(
        (shares[text] for text in goals), default=0.0
    )
    about = tuple(text for text in struggles if shares[text] >= 0.4)
    towards = tuple(text for text in goals if shares[text] >= 0.4)
    same = 0.1 * (topic.module.course_id == course.pk)
    return Candidate(topic, about, towards, worth + same if about or towards else 0.0)


def path_made(
    *,
    user: User,
    course: Course,
    struggles: Sequence[str],
    completed: Sequence[str],
    goals: Sequence[str],
    voice: Voice,
) -> tuple[Made[PathReply], Sequence[Candidate]]:
    """The advice, and the candidates that its numbers name. Raises ReplyUnusable."""
    offered = candidates(user=user, course=course, struggles=struggles, completed=completed, goals=goals)
    asked = "\n".join(
        [
            f"The learner takes the course “{course.title}”.",
            *(f"Struggles with: {one}" for one in struggles),
            *(f"Has completed: {one}" for one in completed),
            *(f"Wants: {one}" for one in goals),
        ]
    )
    listed = [
        Passage(number, candidate.topic.module.course.title, candidate.topic.title, _told(candidate.topic), 1.0)
        for number, candidate in enumerate(offered, start=1)
    ]
    prompt = Prompt(asked, listed, rule=_RULE + voice.rule(), temperature=voice.temperature)
    found = made(
        PathReply,
        prompt,
        check=lambda reply: _fault(reply, len(offered)),
        otherwise=lambda: _ruled(user, course, offered, struggles, goals),
    )
    value = found.value
    clean = PathReply(
        detectedIssues=[checked(one, frozenset()) for one in value.detectedIssues],
        recommended=[Recommended(number=r.number, reason=checked(r.reason, frozenset())) for r in value.recommended],
        nextSteps=[checked(one, frozenset()) for one in value.nextSteps],
    )
    return Made(clean, found.finish, found.cached), offered


def recommended_told(reply: PathReply, offered: Sequence[Candidate]) -> list[dict[str, Any]]:
    told = []
    for one in reply.recommended:
        topic = offered[one.number - 1].topic
        course = topic.module.course
        told.append(
            {
                "course_id": course.pk,
                "course_title": course.title,
                "topic_id": topic.pk,
                "topic_title": topic.title,
                "reason": one.reason,
            }
        )
    return told


def _told(topic: Topic) -> str:
    return "\n".join([topic.title, topic.description[:500], *topic.learning_objectives[:8]])


def _fault(reply: PathReply, offered: int) -> str:
    numbers = [one.number for one in reply.recommended]
    if any(number > offered for number in numbers):
        return "recommended names a number that no passage has."
    return "A topic is recommended twice." if len(set(numbers)) < len(numbers) else ""


def _ruled(
    user: User, course: Course, offered: Sequence[Candidate], struggles: Sequence[str], goals: Sequence[str]
) -> PathReply:
    """Without a model: by the words of topics and objectives, and by what came of quizzes and hints."""
    chosen = list(enumerate(offered, start=1))[:_RECOMMENDED]
    known = _trouble(user, [candidate.topic.pk for _, candidate in chosen])
    issues = []
    for one in struggles:
        about = [candidate.topic for _, candidate in chosen if one in candidate.struggles]
        figures = [known[topic.pk] for topic in about if topic.pk in known]
        told = f" ({'; '.join(figures)})" if figures else ""
        missing = "" if about else ": no topic of the courses that you may see is about it"
        issues.append(f"You struggle with {one[:200]}{told}{missing}."[:500])
    recommended = [Recommended(number=number, reason=_reason(candidate, course)[:500]) for number, candidate in chosen]
    steps = [
        f"{'Go back to' if candidate.topic.module.course_id == course.pk else 'Take a look at'} "
        f"“{candidate.topic.title}” in “{candidate.topic.module.course.title}”."
        for _, candidate in chosen[:3]
    ]
    steps.append("Answer a quiz on each of them, and ask for a hint where you are stuck.")
    if not chosen:
        steps = [f"Go on with “{course.title}”, and name what you find hard in the words of its topics."]
    return PathReply(detectedIssues=issues[:10], recommended=recommended, nextSteps=[step[:500] for step in steps])


def _reason(candidate: Candidate, course: Course) -> str:
    about = candidate.struggles or candidate.goals
    what = "you struggle with it" if candidate.struggles else "it leads to a goal of yours"
    where = "this course" if candidate.topic.module.course_id == course.pk else "another course"
    return f"A topic of {where} on {', '.join(one[:80] for one in about[:3])}: {what}."


def _trouble(user: User, topics: Sequence[int]) -> dict[int, str]:
    rows = Interaction.objects.filter(user=user, topic__in=topics).order_by().values("topic")
    counted = rows.annotate(
        wrong=Count("pk", filter=Q(correct=False)), hints=Count("pk", filter=Q(agent=Agent.HINT))
    ).values_list("topic", "topic__title", "wrong", "hints")
    return {
        topic: f"{wrong} wrong answers and {hints} hints in “{title}”"
        for topic, title, wrong, hints in counted
        if wrong or hints
    }
