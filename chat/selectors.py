"""What somebody may read of conversations: the own ones, whether with an account or as a visitor."""

from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet, Value
from django.db.models.functions import Coalesce

from chat import tree
from chat.models import Kind, Message, Owner, Sender, Session, Status, Visitor
from documents.models import Asker
from rag.generators.base import Turn
from utils.errors import Conflict, NotFound


def owned_by(owner: Owner, path: str = "") -> dict[str, Any]:
    """What a session has that is theirs; ``path`` leads to it, as in ``session__``."""
    return {f"{path}visitor" if isinstance(owner, Visitor) else f"{path}user": owner}


def sessions_of(user: Owner) -> QuerySet[Session]:
    """The conversations of a user, or the one of a visitor, with their ``message_count``, the latest first."""
    own = Session.objects.filter(**owned_by(user), kind=Kind.CHAT)
    return own.annotate(message_count=Count("messages")).order_by("-updated_at", "id")


def session_get(*, user: Owner, session_id: UUID) -> Session:
    """One of their own sessions. Raises NotFound, for somebody else's too."""
    try:
        return sessions_of(user).get(pk=session_id)
    except Session.DoesNotExist:
        raise NotFound("No session has this id.") from None


def messages_of(user: Owner, kind: Kind = Kind.CHAT) -> QuerySet[Message]:
    own = Message.objects.filter(**owned_by(user, "session__"), session__kind=kind)
    return own.select_related("feedback").prefetch_related("citations")


def messages_shown(*, session: Session, every: bool = False) -> QuerySet[Message]:
    """The messages of a session in their order: of several versions the chosen ones, or every one."""
    found = messages_of(session.owner).filter(session=session).order_by("position")
    if every:
        return found
    return found.filter(pk__in=[node.pk for node in tree.shown(tree.nodes_of(session.pk).values())])


def message_get(*, user: Owner, message_id: UUID, kind: Kind = Kind.CHAT) -> Message:
    """One of their own messages. Raises NotFound, for somebody else's too."""
    try:
        return messages_of(user, kind).get(pk=message_id)
    except Message.DoesNotExist:
        raise NotFound("No message has this id.") from None


def answer_get(*, user: Owner, message_id: UUID, kind: Kind = Kind.CHAT) -> Message:
    """As :func:`message_get`. Raises Conflict for a question."""
    message = message_get(user=user, message_id=message_id, kind=kind)
    if message.sender_type != Sender.BOT:
        raise Conflict("This is for answers only.", code="not_an_answer")
    return message


def question_get(*, user: Owner, message_id: UUID) -> Message:
    """As :func:`message_get`. Raises Conflict for an answer."""
    message = message_get(user=user, message_id=message_id)
    if message.sender_type != Sender.USER:
        raise Conflict("This is for questions only.", code="not_a_question")
    return message


def turns_before(*, message: Message, most: int) -> list[Turn]:
    """The last turns before a message on its own branch, oldest first, as a generator sees them."""
    nearest = [node.pk for node in tree.before(message) if node.status != Status.FAILED][:most]
    earlier = Message.objects.filter(pk__in=nearest).order_by("-position").prefetch_related("citations")
    turns: list[Turn] = []
    meant = ""
    for turn in earlier:
        if turn.sender_type == Sender.USER:
            turns.append(Turn("user", turn.content, meant=meant))
            meant = ""
        else:  # how its question was understood is kept with the answer
            meant = turn.metadata.get("standalone_question", "")
            sources = (" > ".join(filter(None, (cited.title, cited.heading))) for cited in turn.citations.all())
            turns.append(Turn("assistant", turn.content, sources=tuple(sources)))
    return turns[::-1]


def single_answers_of(user: Owner) -> QuerySet[Message]:
    """The answers to the user's single questions, each with its question and the calls made for it, latest first."""
    answers = messages_of(user, Kind.ASSISTANT).filter(sender_type=Sender.BOT)
    return answers.select_related("parent").prefetch_related("tool_calls").order_by("-timestamp", "-id")


def questions_of(*, user: Owner, before: Message, most: int) -> list[Message]:
    """What the user has asked last, in whichever way, without the question that is being answered; latest first."""
    asked = Message.objects.filter(**owned_by(user, "session__"), sender_type=Sender.USER).exclude(pk=before.pk)
    return list(asked.order_by("-timestamp", "-id")[:most])


def questions_recent(*, most: int) -> list[tuple[str, str]]:
    """The latest different questions of everybody, each with the role of who asked it last; not who that was."""
    found: dict[str, str] = {}
    rows = Message.objects.filter(sender_type=Sender.USER).order_by("-timestamp")
    role = Coalesce("session__user__role", Value(Asker.VISITOR.value))
    for text, asker in rows.values_list("content", role)[: 10 * most].iterator():
        found.setdefault(" ".join(text.split()), asker)
        if len(found) == most:
            break
    return list(found.items())
