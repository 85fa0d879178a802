"""Conversations, single questions and what was used."""

from collections.abc import Iterable, Iterator
from typing import Any

from chat.models import AskedOnce, Message, Session, ToolCall, Usage
from chat.serializers import MessageSerializer
from users.models import User
from users.personal_data.base import Part, PersonalData
from utils.remembering import forget

_BATCH = 200
_CALL = "position name arguments outcome detail returned duration_ms at".split()


class ConversationData(PersonalData):
    """A visitor's conversation that was claimed is the account's own, as any other."""

    models = frozenset(
        {
            "chat.Session",
            "chat.Message",
            "chat.Citation",
            "chat.ToolCall",
            "chat.AnswerTrace",
            "chat.Feedback",
            "chat.AskedOnce",
            "chat.Usage",
        }
    )

    def export(self, user: User) -> Iterable[Part]:
        yield "conversations", map(_conversation, Session.objects.filter(user=user).order_by("created_at").iterator())
        days = Usage.objects.filter(user=user).order_by("day")
        yield "usage", days.values("day", "answers", "prompt_tokens", "completion_tokens").iterator()
        repeated = AskedOnce.objects.filter(user=user).order_by("at")
        yield "idempotency_keys", repeated.values("key", "fingerprint", "answer_id", "at").iterator()

    def erase(self, user: User) -> None:
        own = Session.objects.filter(user=user)
        while batch := list(own.values_list("pk", flat=True)[:_BATCH]):
            own.filter(pk__in=batch).delete()
        Usage.objects.filter(user=user).delete()

    def erase_outside(self) -> None:
        forget("openings")  # questions that were asked often


def _conversation(session: Session) -> dict[str, Any]:
    told = {name: getattr(session, name) for name in ("id", "kind", "title", "created_at", "updated_at")}
    return {**told, "messages": _messages(session)}


def _messages(session: Session) -> Iterator[dict[str, Any]]:
    """Every version of every message, with all that hangs on it."""
    rows = session.messages.order_by("position").select_related("feedback", "trace")
    for message in rows.prefetch_related("citations", "tool_calls").iterator(chunk_size=_BATCH):
        message.siblings = []  # type: ignore[attr-defined] # told by parent_id; else each would be asked for
        told = dict(MessageSerializer(message).data)
        del told["siblings"]
        yield {
            **told,
            "feedback_comment": message.feedback.comment if hasattr(message, "feedback") else "",
            "tool_calls": [_call(call) for call in message.tool_calls.all()],
            "made_of": _trace(message),
        }


def _call(call: ToolCall) -> dict[str, Any]:
    return {name: getattr(call, name) for name in _CALL}


def _trace(message: Message) -> dict[str, Any] | None:
    if not hasattr(message, "trace"):
        return None
    return {"confidence": message.trace.confidence, "search": message.trace.search, "passages": message.trace.passages}
