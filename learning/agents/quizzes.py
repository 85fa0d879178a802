"""One question with four options on a part of a video, of which one is right by what is said there."""

from collections.abc import Collection, Sequence
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from learning.agents.asking import Made, made
from learning.agents.cloze.making import cloze_make
from learning.agents.cloze.terms import stems_of
from learning.agents.errors import NoQuiz
from learning.agents.material import Part, clock, elsewhere, just_before, passages
from learning.agents.voice import Voice
from learning.models import Difficulty, Transcript, Video
from rag.generators.base import Prompt
from rag.lexical.languages import language_of
from rag.outgoing import addresses, checked
from rag.support.facts import name_fault, number_fault

_RULE = """You write one multiple-choice question on what is said in a video.
- The passages are what is said there. Only what they say is right; the wrong options are plausible and by no means \
said there.
- {level}
- Four options that differ, in about the same form and length; correctAnswer is the index of the right one, from 0.
- source is the number of the passage that the right option rests on, and quote the words of it, copied exactly.
- explanation says in one or two sentences why the option is right.
- The question can be understood without the video. Ask nothing like a question that is listed as asked before."""
_LEVELS = {
    Difficulty.EASY: "Ask for something that is said plainly.",
    Difficulty.MEDIUM: "Ask for something that has to be understood.",
    Difficulty.HARD: "Ask for a connection between things that are said.",
}
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class QuizReply(BaseModel):
    question: Annotated[str, StringConstraints(strip_whitespace=True, min_length=8, max_length=600)]
    options: Annotated[list[_Text], Field(min_length=4, max_length=4)]
    correctAnswer: Annotated[int, Field(ge=0, le=3)]
    explanation: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
    source: Annotated[int, Field(ge=1)]
    quote: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


def quiz_made(
    *,
    video: Video,
    parts: Sequence[Part],
    transcript: Transcript | None,
    level: Difficulty,
    voice: Voice,
    without: Collection[str],
) -> Made[QuizReply]:
    """Raises ReplyUnusable; NoQuiz where there is no model and the parts hold nothing that can be asked for."""
    rule = _RULE.format(level=_LEVELS[level]) + voice.rule()
    before = "".join(f"\nAsked before: {question}" for question in without)
    asked = f"The video is “{video.title}”.{before}"
    prompt = Prompt(asked, passages(video, parts), rule=rule, temperature=voice.temperature)
    found = made(
        QuizReply,
        prompt,
        check=lambda reply: quiz_fault(reply, parts),
        otherwise=lambda: _extracted(video, parts, transcript, level, without),
    )
    allowed = addresses(part.text for part in parts)
    clean = {name: checked(getattr(found.value, name), allowed) for name in ("question", "explanation")}
    return Made(found.value.model_copy(update=clean), found.finish, found.cached)


def quiz_fault(reply: QuizReply, parts: Sequence[Part]) -> str:
    """What is wrong with it; empty: nothing."""
    plain = [" ".join(option.split()).casefold().rstrip(".") for option in reply.options]
    if len(set(plain)) < len(plain):
        return "Two of the options are the same."
    if reply.source > len(parts):
        return "source names no passage."
    text = parts[reply.source - 1].text
    if " ".join(reply.quote.split()).casefold() not in " ".join(text.split()).casefold():
        return "quote does not stand in the passage that source names."
    right = reply.options[reply.correctAnswer]
    language = language_of(text)
    said = stems_of(right, language)
    if number_fault(right, text, reply.quote) or name_fault(right, text):
        return "The passage does not hold a number or name of the right option."
    if said and len(said & stems_of(text, language)) * 2 < len(said):
        return "The right option is not what the passage says."
    quoted = f" {' '.join(reply.quote.split()).casefold()} "
    right_plain = plain[reply.correctAnswer]
    if right_plain in quoted and any(
        f" {option} " in quoted.replace(right_plain, "") for option in plain if option != right_plain
    ):
        return "The quote says a wrong option, too."
    return ""


def _extracted(
    video: Video, parts: Sequence[Part], transcript: Transcript | None, level: Difficulty, without: Collection[str]
) -> QuizReply:
    further = elsewhere(transcript, parts)
    for number, part in enumerate(parts, start=1):
        others = [*further, *(other.text for other in parts if other is not part)]
        topic = video.topic
        cloze = cloze_make(
            segment=part.text,
            elsewhere=others,
            level=level,
            before=just_before(transcript, part),
            title=video.title,
            objectives=topic.learning_objectives,
            without=without,
        )
        if cloze:
            when = "" if part.start is None else f" between {clock(part.start)} and {clock(part.end or part.start)}"
            return QuizReply(
                question=cloze.question[:600],
                options=cloze.options,
                correctAnswer=cloze.correct,
                explanation=f"The video says{when}: “{cloze.sentence[:900]}”",
                source=number,
                quote=cloze.sentence[:1000],
            )
    raise NoQuiz("Nothing in this part can be asked for without a model. Choose a longer part, or another one.")
