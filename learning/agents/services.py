"""What the agents do for a learner. Each call is on record with what it took, and with what came of it."""

import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from chat.quotas import usage_add
from learning.agents import hints, material
from learning.agents.asking import EXTRACTIVE, keep, kept_key
from learning.agents.errors import AnsweredAlready, NothingSaid
from learning.agents.material import Part
from learning.agents.paths import path_made, recommended_told
from learning.agents.quizzes import quiz_made
from learning.agents.reflecting import reflection_made
from learning.agents.selectors import quizzes_asked
from learning.agents.voice import Voice, preferences_of, voice_of
from learning.models import Agent, Course, Difficulty, Interaction, Preferences, Video
from learning.transcripts.selectors import transcript_find
from rag.errors import ProviderError
from rag.generators.base import Delta, Finish, Prompt
from rag.generators.chain import Restart
from users.models import User
from utils.errors import Conflict
from utils.remembering import recall
from utils.waiting import apart, stepped

_MODEL_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Hinting:
    """A hint that is to be given."""

    user: User
    video: Video
    parts: Sequence[Part]
    at: float
    level: Difficulty
    voice: Voice
    prompt: Prompt
    began: float = field(default_factory=time.monotonic)

    @property
    def sources(self) -> list[dict[str, Any]]:
        return [part.told(self.video) for part in self.parts]


def hint_begin(*, user: User, video: Video, at: float, segment: str, level: Difficulty) -> Hinting:
    """Raises NothingSaid where there are no words to go by."""
    transcript = transcript_find(video)
    near = material.around(transcript, at)
    named = material.given(transcript, [{"text": segment}]) if segment.strip() else []
    parts = [*named, *([near] if near else [])]
    if not parts:
        raise NothingSaid("The video has no transcript yet. Send what is said there as transcript_segment.")
    voice = voice_of(user)
    prompt = hints.hint_prompt(video=video, parts=parts, at=at, level=level, voice=voice)
    return Hinting(user, video, parts, at, level, voice, prompt)


def hint_make(hinting: Hinting) -> Interaction:
    ended: Interaction | None = None
    for event in stepped(hint_events(hinting)):
        if isinstance(event, Interaction):
            ended = event
    assert ended  # noqa: S101 - it comes last, always
    return ended


async def hint_events(hinting: Hinting) -> AsyncGenerator[Delta | Restart | Interaction, None]:
    """The hint while it is written, and last the record of it. One that a model does not finish is made without it."""
    key = kept_key(hinting.prompt)
    kept = await apart(_kept, key)
    if kept:
        yield Delta(kept["hint"])
        yield await apart(_hint_record, hinting, kept["hint"], Finish(kept["model"]), cached=True)
        return
    written: list[str] = []
    finish: Finish | None = None
    try:
        async with aclosing(hints.hint_written(hinting.prompt)) as events:
            async for event in events:
                match event:
                    case Restart():
                        written = []
                        yield event
                    case Delta(text):
                        written.append(text)
                        yield event
                    case Finish():
                        finish = event
    except ProviderError:
        finish = None  # the chain has logged why
    hint = "".join(written).strip()[: hints.LONGEST]
    if finish and hint:
        await apart(keep, key, {"hint": hint, "model": finish.model})
    else:
        if written:
            yield Restart()
        hint = await apart(hints.hint_extracted, hinting.parts, at=hinting.at, level=hinting.level, voice=hinting.voice)
        finish = Finish(EXTRACTIVE)
        yield Delta(hint)
    yield await apart(_hint_record, hinting, hint, finish, cached=False)


def _kept(key: str) -> Mapping[str, str] | None:
    found = recall([key]).get(key)
    usable = isinstance(found, dict) and all(isinstance(found.get(name), str) for name in ("hint", "model"))
    return found if usable else None


def _hint_record(hinting: Hinting, hint: str, finish: Finish, *, cached: bool) -> Interaction:
    output = {
        "hint": hint,
        "confidence": hints.hint_confidence(hint, hinting.parts),
        "sources": hinting.sources,
    }
    return _record(hinting.user, Agent.HINT, hinting.video, output, finish, hinting.began, cached=cached)


def quiz_make(*, user: User, video: Video, segments: Sequence[Mapping[str, Any]], level: Difficulty) -> Interaction:
    """Raises NothingSaid, NoQuiz, ReplyUnusable."""
    began = time.monotonic()
    transcript = transcript_find(video)
    parts = material.given(transcript, segments)
    found = quiz_made(
        video=video,
        parts=parts,
        transcript=transcript,
        level=level,
        voice=voice_of(user),
        without=quizzes_asked(user=user, video=video),
    )
    reply = found.value
    source = parts[reply.source - 1]
    output = {
        "question": reply.question,
        "options": reply.options,
        "correctAnswer": reply.correctAnswer,
        "explanation": reply.explanation,
        "difficulty": level.value,
        "sources": [source.told(video) | {"quote": reply.quote}],
    }
    return _record(user, Agent.QUIZ, video, output, found.finish, began, cached=found.cached)


def reflection_make(*, user: User, video: Video, topics: Sequence[str], objectives: Sequence[str]) -> Interaction:
    """Objectives that are not given are those of the topic. Raises ReplyUnusable."""
    began = time.monotonic()
    transcript = transcript_find(video)
    said = material.around(transcript, 0.0)
    found = reflection_made(
        video=video,
        parts=[said] if said else [],
        topics=topics,
        objectives=objectives or video.topic.learning_objectives,
        voice=voice_of(user),
    )
    return _record(user, Agent.REFLECT, video, found.value.model_dump(), found.finish, began, cached=found.cached)


def path_make(
    *, user: User, course: Course, struggles: Sequence[str], completed: Sequence[str], goals: Sequence[str]
) -> Interaction:
    """Raises ReplyUnusable."""
    began = time.monotonic()
    found, offered = path_made(
        user=user, course=course, struggles=struggles, completed=completed, goals=goals, voice=voice_of(user)
    )
    output = {
        "course_id": course.pk,
        "detectedIssues": found.value.detectedIssues,
        "recommendedContent": recommended_told(found.value, offered),
        "nextSteps": found.value.nextSteps,
    }
    return _record(user, Agent.PATH, None, output, found.finish, began, cached=found.cached)


def _record(
    user: User,
    agent: Agent,
    video: Video | None,
    output: Mapping[str, Any],
    finish: Finish,
    began: float,
    *,
    cached: bool,
) -> Interaction:
    made = Interaction.objects.create(
        user=user,
        agent=agent,
        video=video,
        topic=video.topic if video else None,
        output=dict(output),
        model=finish.model[:_MODEL_LENGTH],
        prompt_tokens=finish.prompt_tokens,
        completion_tokens=finish.completion_tokens,
        duration_ms=round((time.monotonic() - began) * 1000),
        cached=cached,
    )
    if finish.prompt_tokens or finish.completion_tokens:
        usage_add(user=user, prompt_tokens=finish.prompt_tokens, completion_tokens=finish.completion_tokens)
    return made


@transaction.atomic
def quiz_answer(*, interaction: Interaction, chosen: int) -> Interaction:
    """Keep which option was chosen first; the same again is no harm. Raises Conflict."""
    locked = Interaction.objects.select_for_update().get(pk=interaction.pk)
    if locked.agent != Agent.QUIZ:
        raise Conflict("This was no quiz.", code="no_quiz_to_answer")
    if locked.chosen is None:
        locked.chosen, locked.correct = chosen, chosen == locked.output["correctAnswer"]
        locked.answered_at = timezone.now()
        locked.save(update_fields=["chosen", "correct", "answered_at"])
    elif locked.chosen != chosen:
        raise AnsweredAlready("This quiz has been answered; the first answer counts.")
    return locked


def interaction_rate(*, interaction: Interaction, rating: str) -> Interaction:
    """Empty: the rating is taken back."""
    interaction.rating = rating
    interaction.save(update_fields=["rating"])
    return interaction


def preferences_update(*, user: User, **fields: Any) -> Preferences:
    preferences = preferences_of(user)
    for name, value in fields.items():
        setattr(preferences, name, value)
    preferences.save()
    return preferences
