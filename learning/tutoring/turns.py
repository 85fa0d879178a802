"""A learner's message and the tutor's answer to it.

The message is saved first. What follows from it (the judgement, the next question, the answer, perhaps the completion)
is saved in one transaction at the end: whatever is killed before leaves the question open and the score as it was, and
the learner writes again. One message of a session is answered at a time, by a lease.
"""

import time
import uuid
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from chat.idempotency import KeyReused, RequestKey
from chat.quotas import quota_take, usage_add
from learning.models import QuestionState, Speaker, TutoringMessage, TutoringQuestion, TutoringSession, TutoringStatus
from learning.models.tutoring import JUDGED
from learning.tutoring import mastery
from learning.tutoring.curriculum.base import Snapshot
from learning.tutoring.errors import SessionEnded
from learning.tutoring.examining import Picked, picked
from learning.tutoring.explaining import Occasion, Spoken, explained
from learning.tutoring.judging import Judgement, judged
from learning.tutoring.material import material_of
from learning.tutoring.outbox import completion_tell
from learning.tutoring.selectors import history_of
from learning.tutoring.withholding import Withheld
from rag.generators.base import Delta, Finish, Passage
from rag.generators.base import Turn as Said
from rag.generators.chain import Restart
from rag.outgoing import Outgoing, addresses
from utils.errors import Conflict
from utils.waiting import apart, stepped

_SILENCE = 30.0
"""Seconds beyond a provider's time-out after which whoever answered a message must have been killed."""
_JUDGING, _EXAMINING = 0.3, 0.6
"""Shares of a turn's time by which these must have ended; the rest is for the prose."""
MASTERED = "You have mastered this topic."
NOTHING_TO_ASK = (
    "The material of this topic holds too little to ask about, so it cannot be completed here. "
    "Please tell whoever teaches it."
)


@dataclass(frozen=True, slots=True)
class Turn:
    id: UUID
    session: TutoringSession
    message: TutoringMessage
    headers: Mapping[str, str] = field(default_factory=dict)
    """What is left of the learner's quota."""
    answer: TutoringMessage | None = None
    """There already where the request was sent before."""


@dataclass(frozen=True, slots=True)
class Replied:
    """Comes last: the answer is saved."""

    message: TutoringMessage


Event = Delta | Restart | Replied


def turn_begin(*, session: TutoringSession, content: str, key: RequestKey | None = None) -> Turn:
    """Save the learner's message. Raises SessionEnded; Conflict while another one is answered; LimitReached."""
    if key and (earlier := _earlier(session, key)):
        return earlier
    headers = quota_take(user=session.user)
    now, turn = timezone.now(), uuid.uuid4()
    with transaction.atomic():
        session = TutoringSession.objects.select_for_update(of=("self",)).select_related("user").get(pk=session.pk)
        if session.status != TutoringStatus.ACTIVE:
            raise SessionEnded(f"This session is {session.status}. Start the topic again for a new one.")
        if session.busy_until and session.busy_until > now:
            raise Conflict("Your last message is still being answered.", code="in_progress", retry_after=1)
        session.busy_with, session.active_at = turn, now
        session.busy_until = now + timedelta(seconds=settings.RAG["PROVIDER_TIMEOUT"] + _SILENCE)
        session.save(update_fields=["busy_with", "busy_until", "active_at"])
        told = {"key": key.key, "fingerprint": key.fingerprint} if key else {}
        message = session.messages.filter(key=key.key).first() if key else None
        message = message or _said(session, Speaker.LEARNER, content, **told)
    return Turn(turn, session, message, headers)


def _earlier(session: TutoringSession, key: RequestKey) -> Turn | None:
    """What came of the request that was sent with this key before. Raises KeyReused."""
    message = TutoringMessage.objects.filter(session=session, key=key.key).first()
    if message is None:
        return None
    if message.fingerprint != key.fingerprint:
        raise KeyReused("This Idempotency-Key was sent with another request before. Take a new one.")
    after = TutoringMessage.objects.filter(session=session, position__gt=message.position).order_by("position").first()
    answered = after is not None and after.sender_type == Speaker.TUTOR
    return Turn(uuid.uuid4(), session, message, answer=after) if answered else None


def _said(session: TutoringSession, speaker: Speaker, content: str, **fields: object) -> TutoringMessage:
    last = session.messages.aggregate(last=Max("position"))["last"]
    position = 0 if last is None else last + 1
    return TutoringMessage.objects.create(
        session=session, position=position, sender_type=speaker, content=content, **fields
    )


@dataclass(frozen=True, slots=True)
class _Basis:
    snapshot: Snapshot
    material: Sequence[Passage]
    history: Sequence[Said]
    questions: Sequence[TutoringQuestion]
    spoken: int

    @property
    def open(self) -> TutoringQuestion | None:
        return next((one for one in self.questions if one.state == QuestionState.OPEN), None)

    @property
    def states(self) -> list[str]:
        """Of the questions that were judged, in the order in which they were asked."""
        asked = sorted((one for one in self.questions if one.turn is not None), key=lambda one: one.turn or 0)
        return [one.state for one in asked if one.state in JUDGED]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a turn is to leave behind."""

    text: str
    states: Sequence[str]
    open: TutoringQuestion | None
    judgement: Judgement | None
    next: Picked
    spent: Finish
    claimed: bool
    mastered: bool


async def turn_events(turn: Turn) -> AsyncGenerator[Event, None]:
    """The tutor's answer as it is written, then saved. Raises what saving it raises; a model that fails is replaced."""
    try:
        async with aclosing(_written(turn)) as events:
            async for event in events:
                yield event
    finally:
        await apart(_let_go, turn)


async def _written(turn: Turn) -> AsyncGenerator[Event, None]:
    seconds = float(settings.RAG["PROVIDER_TIMEOUT"])
    began = time.monotonic()

    def left(share: float) -> float:
        return max(0.1, began + share * seconds - time.monotonic())

    basis = await apart(_basis, turn)
    judgement = None
    if asked := basis.open:
        others = [one for one in basis.questions if one.pk != asked.pk]
        judgement = await judged(asked, turn.message.content, others=others, timeout=left(_JUDGING))
    states = [*basis.states, *([judgement.state] if judgement else [])]
    mastered = mastery.mastered(states)
    following = Picked(None)
    if not mastered:
        following = await picked(
            turn.session,
            questions=basis.questions,
            material=basis.material,
            level=mastery.next_level(states),
            timeout=left(_EXAMINING),
        )
    occasion = Occasion(
        basis.snapshot,
        basis.material,
        basis.history,
        turn.message.content,
        basis.open,
        judgement,
        following.question,
        mastered,
        basis.spoken,
    )
    pen = _Pen(basis.material)
    async with aclosing(explained(occasion, timeout=left(1.0))) as events:
        async for event in events:
            if isinstance(event, Spoken):
                before = following.spent.after(judgement.spent) if judgement else following.spent
                spent = event.spent.after(before)
            elif piece := pen.take(event):
                yield piece
    if piece := pen.close(MASTERED if mastered else following.question.text if following.question else NOTHING_TO_ASK):
        yield piece
    outcome = _Outcome(pen.text, states, basis.open, judgement, following, spent, pen.claimed, mastered)
    yield Replied(await apart(_save, turn, outcome))


class _Pen:
    """What the learner is shown: no marker, no address that the material does not hold, then what the server says."""

    def __init__(self, material: Sequence[Passage]) -> None:
        self._allowed = addresses(passage.text for passage in material)
        self.claimed = False
        """Whether the marker was written."""
        self._begin()

    def _begin(self) -> None:
        self._outgoing = Outgoing(self._allowed)
        self._withheld = Withheld(settings.TUTORING["MARKER"])
        self.text = ""

    def take(self, event: Delta | Restart) -> Delta | Restart | None:
        if isinstance(event, Restart):
            self._begin()
            return event
        return self._shown(self._withheld.feed(self._outgoing.take(event.text)))

    def close(self, last: str) -> Delta | None:
        rest = self._withheld.feed(self._outgoing.rest()) + self._withheld.close()
        self.claimed = self._withheld.met
        return self._shown(f"{rest}\n\n{last}" if (self.text + rest).strip() else last)

    def _shown(self, text: str) -> Delta | None:
        self.text += text
        return Delta(text) if text else None


def turn_run(turn: Turn) -> TutoringMessage:
    """The whole answer, for a caller without an event loop."""
    events = list(stepped(turn_events(turn)))
    last = events[-1]
    assert isinstance(last, Replied)  # noqa: S101 - it comes last
    return last.message


def _basis(turn: Turn) -> _Basis:
    session = turn.session
    snapshot = Snapshot.of(session.snapshot)
    return _Basis(
        snapshot,
        material_of(snapshot, session.user),
        history_of(session, before=turn.message.position),
        list(TutoringQuestion.objects.filter(session=session).order_by("number")),
        session.messages.filter(sender_type=Speaker.TUTOR).count(),
    )


@transaction.atomic
def _save(turn: Turn, outcome: _Outcome) -> TutoringMessage:
    """Raises Conflict where another turn has taken over, as this one took too long."""
    session = TutoringSession.objects.select_for_update(of=("self",)).select_related("user").get(pk=turn.session.pk)
    if session.busy_with != turn.id or session.status != TutoringStatus.ACTIVE:
        raise Conflict("This message took too long to answer. Send it again.", code="in_progress", retry_after=1)
    now = timezone.now()
    if outcome.open and outcome.judgement:
        judgement = outcome.judgement
        counted = TutoringQuestion.objects.filter(pk=outcome.open.pk, state=QuestionState.OPEN).update(
            state=judgement.state, answered_by=turn.message, judged_by=judgement.by, evidence=judgement.evidence
        )
        assert counted == 1  # noqa: S101 - the lease keeps others away
    answer = _said(
        session,
        Speaker.TUTOR,
        outcome.text.strip(),
        completed=outcome.mastered,
        claimed=outcome.claimed,
        model=outcome.spent.model,
        prompt_tokens=outcome.spent.prompt_tokens,
        completion_tokens=outcome.spent.completion_tokens,
    )
    TutoringQuestion.objects.bulk_create(outcome.next.made)
    if outcome.next.question:
        turns = session.questions.aggregate(last=Max("turn"))["last"] or 0
        asked = session.questions.filter(number=outcome.next.question.number, state=QuestionState.PREPARED)
        asked.update(state=QuestionState.OPEN, turn=turns + 1, asked_at=now)
    if outcome.mastered:
        session.status, session.completed_at = TutoringStatus.COMPLETED, now
        session.score = mastery.score(outcome.states)
    session.busy_with = session.busy_until = None
    session.save(update_fields=["status", "completed_at", "score", "busy_with", "busy_until"])
    if outcome.mastered:
        completion_tell(session=session)
    usage_add(
        user=session.user,
        prompt_tokens=outcome.spent.prompt_tokens,
        completion_tokens=outcome.spent.completion_tokens,
    )
    return answer


def _let_go(turn: Turn) -> None:
    mine = TutoringSession.objects.filter(pk=turn.session.pk, busy_with=turn.id)
    mine.update(busy_with=None, busy_until=None)
