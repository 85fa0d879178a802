"""What was said, asked and judged in tutoring, and what a curriculum elsewhere is to be told."""

from collections.abc import Iterable
from typing import Any

from learning.models import CurriculumDelivery, QuestionState, TutoringQuestion, TutoringSession
from users.models import User
from users.personal_data.base import Part, PersonalData

_SESSION = "id topic_key course_key status snapshot score started_at active_at completed_at".split()
_MESSAGE = "id sender_type content timestamp completed model prompt_tokens completion_tokens".split()
_QUESTION = "level text points quote state asked_at answered_by_id judged_by evidence".split()


class TutoringData(PersonalData):
    models = frozenset(
        {
            "learning.TutoringSession",
            "learning.TutoringMessage",
            "learning.TutoringQuestion",
            "learning.CurriculumDelivery",
        }
    )

    def export(self, user: User) -> Iterable[Part]:
        yield (
            "tutoring_sessions",
            map(_told, TutoringSession.objects.filter(user=user).order_by("started_at").iterator()),
        )
        deliveries = CurriculumDelivery.objects.filter(session__user=user).order_by("due_at")
        told = ("id", "session_id", "attempts", "delivered_at", "trouble")
        yield "curriculum_deliveries", deliveries.values(*told).iterator()

    def erase(self, user: User) -> None:
        TutoringSession.objects.filter(user=user).delete()


def _told(session: TutoringSession) -> dict[str, Any]:
    told = {name: getattr(session, name) for name in _SESSION}
    messages = session.messages.order_by("position").values(*_MESSAGE).iterator()
    return {**told, "messages": messages, "questions": map(_asked, session.questions.order_by("number").iterator())}


def _asked(question: TutoringQuestion) -> dict[str, Any]:
    """What is yet to be answered is told without its answer, what is yet to be asked not at all."""
    known = {
        QuestionState.PREPARED: ("state",),
        QuestionState.OPEN: ("state", "level", "text", "asked_at"),
    }
    return {name: getattr(question, name) for name in known.get(QuestionState(question.state), _QUESTION)}
