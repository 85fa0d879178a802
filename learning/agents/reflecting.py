"""Something to think about after a video."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from learning.agents.asking import Made, made
from learning.agents.material import Part, passages
from learning.agents.voice import Voice
from learning.models import Length, Video
from rag.generators.base import Prompt
from rag.outgoing import addresses, checked

_RULE = """You give a learner something to reflect on in writing after a video.
- prompt is the task, in one to three sentences; guidingQuestions are three different open questions that lead to it; \
expectedLength is how much is to be written: {length}.
- Keep to the topics and objectives that the question names. The passages are what is said in the video."""
_LENGTHS = {Length.SHORT: "50 to 100 words", Length.MEDIUM: "100 to 200 words", Length.LONG: "200 to 350 words"}
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class ReflectReply(BaseModel):
    prompt: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1500)]
    guidingQuestions: Annotated[list[_Text], Field(min_length=3, max_length=3)]
    expectedLength: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


def reflection_made(
    *, video: Video, parts: Sequence[Part], topics: Sequence[str], objectives: Sequence[str], voice: Voice
) -> Made[ReflectReply]:
    """Raises ReplyUnusable."""
    asked = "\n".join(
        [
            f"The video is “{video.title}”, on “{video.topic.title}”.",
            *(f"Completed: {topic}" for topic in topics),
            *(f"Objective: {objective}" for objective in objectives),
        ]
    )
    rule = _RULE.format(length=_LENGTHS[voice.length]) + voice.rule()
    prompt = Prompt(asked, passages(video, parts), rule=rule, temperature=voice.temperature)
    found = made(ReflectReply, prompt, check=_fault, otherwise=lambda: _templated(video, topics, objectives, voice))
    allowed = addresses(part.text for part in parts)
    clean = {
        "prompt": checked(found.value.prompt, allowed),
        "guidingQuestions": [checked(question, allowed) for question in found.value.guidingQuestions],
    }
    return Made(found.value.model_copy(update=clean), found.finish, found.cached)


def _fault(reply: ReflectReply) -> str:
    questions = {" ".join(question.split()).casefold() for question in reply.guidingQuestions}
    return "" if len(questions) == 3 else "Two of the guidingQuestions are the same."


def _templated(video: Video, topics: Sequence[str], objectives: Sequence[str], voice: Voice) -> ReflectReply:
    """Without a model: of the objectives, in the order in which they are given."""
    aims = [_aim(objective) for objective in objectives] or [_aim(f"explain {video.topic.title}")]
    subject = _quoted(topics[-3:]) if topics else f"“{video.topic.title}”"
    first, second = aims[0], aims[1 % len(aims)]
    questions = [
        f"What would you say to somebody who asks you to {first}?",
        f"Where, outside this course, would you need to {second}?"
        if second != first
        else "Where, outside this course, would you need this?",
        f"What about {subject} is still unclear to you, and which part of the video would you watch again for it?",
    ]
    return ReflectReply(
        prompt=f"Look back on {subject}. In your own words, {first}, and give an example of your own."[:1500],
        guidingQuestions=[question[:500] for question in questions],
        expectedLength=_LENGTHS[voice.length],
    )


def _aim(objective: str) -> str:
    """“Explain recursion.” as it stands in the middle of a sentence."""
    plain = " ".join(objective.split()).rstrip(".!;")[:200]
    return plain[:1].lower() + plain[1:] if plain[1:2].islower() else plain


def _quoted(names: Sequence[str]) -> str:
    told = [f"“{name[:80]}”" for name in names]
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"
