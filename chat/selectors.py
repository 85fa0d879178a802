"""What a user may read of conversations: the own ones."""

from uuid import UUID

from django.db.models import Count, QuerySet

from chat.models import Message, Sender, Session, Status
from rag.generators.base import Turn
from users.models import User
from utils.errors import NotFound


def sessions_of(user: User) -> QuerySet[Session]:
    """The user's sessions with their ``message_count``, the latest first."""
    return Session.objects.filter(user=user).annotate(message_count=Count("messages")).order_by("-updated_at", "id")


def session_get(*, user: User, session_id: UUID) -> Session:
    """One of the user's own sessions. Raises NotFound, for somebody else's too."""
    try:
        return sessions_of(user).get(pk=session_id)
    except Session.DoesNotExist:
        raise NotFound("No session has this id.") from None


def messages_of(user: User) -> QuerySet[Message]:
    return Message.objects.filter(session__user=user).prefetch_related("citations")


def message_get(*, user: User, message_id: UUID) -> Message:
    """One of the user's own messages. Raises NotFound, for somebody else's too."""
    try:
        return messages_of(user).get(pk=message_id)
    except Message.DoesNotExist:
        raise NotFound("No message has this id.") from None


def turns_before(*, message: Message, most: int) -> list[Turn]:
    """The last turns before a message, oldest first, as a generator sees them."""
    earlier = Message.objects.filter(session=message.session_id, position__lt=message.position).exclude(
        status=Status.FAILED
    )
    turns: list[Turn] = []
    meant = ""
    for turn in earlier.order_by("-position").prefetch_related("citations")[:most]:
        if turn.sender_type == Sender.USER:
            turns.append(Turn("user", turn.content, meant=meant))
            meant = ""
        else:  # how its question was understood is kept with the answer
            meant = turn.metadata.get("standalone_question", "")
            sources = (" > ".join(filter(None, (cited.title, cited.heading))) for cited in turn.citations.all())
            turns.append(Turn("assistant", turn.content, sources=tuple(sources)))
    return turns[::-1]


def questions_recent(*, most: int) -> list[tuple[str, str]]:
    """The latest different questions of all users, each with the role of who asked it last; not who that was."""
    found: dict[str, str] = {}
    rows = Message.objects.filter(sender_type=Sender.USER).order_by("-timestamp")
    for text, role in rows.values_list("content", "session__user__role")[: 10 * most].iterator():
        found.setdefault(" ".join(text.split()), role)
        if len(found) == most:
            break
    return list(found.items())
