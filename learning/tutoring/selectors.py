"""What may be read of tutoring, and by whom."""

from collections.abc import Sequence
from uuid import UUID

from learning.models import Speaker, TutoringMessage, TutoringSession
from rag.generators.base import Turn
from users.models import User
from utils.errors import NotFound

MOST_TURNS = 50
MOST_TOKENS = 3000
_LETTERS_A_TOKEN = 4


def account_find(*, user_id: int) -> User | None:
    """For a service: whoever it tutors."""
    return User.objects.filter(pk=user_id, is_active=True).first()


def session_get(*, viewer: User, service: bool, session_id: UUID) -> TutoringSession:
    """The viewer's own; for a service anybody's. Raises NotFound."""
    rows = TutoringSession.objects.select_related("user")
    found = (rows if service else rows.filter(user=viewer)).filter(pk=session_id).first()
    if found is None:
        raise NotFound("No tutoring session of yours has this id.")
    return found


def history_of(session: TutoringSession, *, before: int) -> list[Turn]:
    """The last messages before that position, oldest first: at most 50, and as many as fit into a prompt."""
    rows = TutoringMessage.objects.filter(session=session, position__lt=before).order_by("-position")
    kept: list[Turn] = []
    left = MOST_TOKENS
    for sender, content in rows.values_list("sender_type", "content")[:MOST_TURNS]:
        left -= len(content) // _LETTERS_A_TOKEN + 1
        if left < 0:
            break
        kept.append(Turn("user" if sender == Speaker.LEARNER else "assistant", content))
    return kept[::-1]


def messages_of(session: TutoringSession) -> Sequence[TutoringMessage]:
    return list(TutoringMessage.objects.filter(session=session).order_by("position"))
