"""What of conversations is older than it is kept, by whose they are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from chat.models import AnswerTrace, Message, Session
from utils.pacing import walked


@dataclass(frozen=True, slots=True)
class Limits:
    """Before which time messages are old; None: never."""

    users: datetime | None
    visitors: datetime | None
    roles: Mapping[str, datetime | None] = field(default_factory=dict)
    """Of users who have one of these."""

    def of(self, role: str | None) -> datetime | None:
        """``role``: of the user; None for a visitor."""
        return self.visitors if role is None else self.roles.get(role, self.users)

    @property
    def latest(self) -> datetime | None:
        return max(filter(None, [self.users, self.visitors, *self.roles.values()]), default=None)

    def older(self, time: str, session: str = "") -> Q:
        """Rows whose ``time`` is before the limit of whose they are; ``session`` leads to their session."""
        role, visitor = f"{session}user__role", f"{session}visitor"
        older = Q(pk__in=[])
        for name, before in self.roles.items():
            if before:
                older |= Q((role, name), (f"{time}__lt", before))
        if self.users:
            older |= Q((f"{visitor}__isnull", True), (f"{time}__lt", self.users)) & ~Q((f"{role}__in", [*self.roles]))
        if self.visitors:
            older |= Q((f"{visitor}__isnull", False), (f"{time}__lt", self.visitors))
        return older


def sessions_by_age(limits: Limits) -> Iterator[list[UUID]]:
    """Those with old messages, those with the oldest first; some come again. Then those that never had any.

    The next are looked for when they are asked for: what was removed until then does not come.
    """
    for rows in walked(_messages(limits), "timestamp"):
        yield list(dict.fromkeys(message.session_id for message in rows))
    yield from _sessions_empty(limits)


def sessions_by_key(limits: Limits) -> Iterator[list[UUID]]:
    """The same, each once."""
    for rows in walked(Session.objects.filter(pk__in=_messages(limits).values("session"))):
        yield [session.pk for session in rows]
    yield from _sessions_empty(limits)


def traces_old(before: datetime) -> QuerySet[AnswerTrace]:
    """What answers were made of; the answers stay."""
    return AnswerTrace.objects.filter(message__timestamp__lt=before)


def _messages(limits: Limits) -> QuerySet[Message]:
    if limits.latest is None:
        return Message.objects.none()
    # The latest of all once more: an index finds what is before it.
    old = Message.objects.filter(limits.older("timestamp", "session__"), timestamp__lt=limits.latest)
    return old.only("timestamp", "session")


def _sessions_empty(limits: Limits) -> Iterator[list[UUID]]:
    empty = ~Exists(Message.objects.filter(session=OuterRef("pk")))
    for rows in walked(Session.objects.filter(empty, limits.older("updated_at"))):
        yield [session.pk for session in rows]
