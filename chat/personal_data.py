"""Conversations, single questions and what was used."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from chat.models import AskedOnce, Citation, Session, ToolCall, Usage
from users.models import User
from users.personal_data.base import Part, PersonalData
from utils.remembering import forget

_BATCH = 25
"""Conversations, and messages, that are in memory at once."""
_MESSAGE = """
    id parent_id chosen position sender_type content status timestamp grounded model prompt_tokens completion_tokens
    response_time_ms suggestions metadata
""".split()
_BESIDE = {
    "rating": F("feedback__rating"),
    "comment": F("feedback__comment"),
    "confidence": F("trace__confidence"),
    "search": F("trace__search"),
    "passages": F("trace__passages"),
}
_CITATION = """
    marker chunk_id document_id version title heading page source_uri char_start char_end text metadata
""".split()
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
    """Every version of every message, with all that hangs on it. Values, not objects, which would keep one another."""
    rows = session.messages.order_by("position").values(*_MESSAGE, **_BESIDE).iterator(chunk_size=_BATCH)
    while batch := list(islice(rows, _BATCH)):
        keys = [row["id"] for row in batch]
        citations = _by_message(Citation.objects.filter(message__in=keys).order_by("marker"), "message_id", _CITATION)
        calls = _by_message(ToolCall.objects.filter(answer__in=keys).order_by("position"), "answer_id", _CALL)
        for row in batch:
            yield {**row, "citations": citations[row["id"]], "tool_calls": calls[row["id"]]}


def _by_message(rows: QuerySet[Any], key: str, names: Sequence[str]) -> Mapping[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.values(key, *names):
        found[row.pop(key)].append(row)
    return found
