"""The beginning of an exchange: the question and the row of its answer are saved before anything is answered.

Where in the conversation they go, whether they may, and whether they were there already, is decided here for every
way of asking.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from django.db import transaction

from chat import tree
from chat.idempotency import RequestKey, answer_earlier, answer_keep
from chat.models import Kind, Message, Owner, Sender, Session, Status
from chat.quotas import quota_take
from chat.selectors import owned_by
from rag.questions import scope_of
from rag.retrieval import Scope
from users.models import User
from utils.errors import Conflict, NotFound

_TITLE_LENGTH = 80


@dataclass(frozen=True)
class Exchange:
    question: Message
    answer: Message
    """To be written, unless it was asked for before and has ended."""
    asker: Owner
    fresh: bool = False
    """It is made anew, not taken from answers that are kept."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """What is left of the asker's quota, for the response."""
    told: Mapping[str, Any] = field(default_factory=dict)
    """What else the first event of a stream tells its asker."""

    @cached_property
    def scope(self) -> Scope:
        """What its asker may see."""
        return scope_of(self.asker if isinstance(self.asker, User) else self.asker.role)

    @property
    def ended(self) -> bool:
        return self.answer.status != Status.STREAMING


def exchange_begin(
    *,
    user: Owner,
    content: str = "",
    session: Session | None = None,
    beside: Message | None = None,
    key: RequestKey | None = None,
    quota: Mapping[str, str] | None = None,
    kind: Kind = Kind.CHAT,
) -> Exchange:
    """Save a question and the row of its answer, shown at once.

    They go to the end of what is shown of the session; of a new one of this ``kind`` if none is given. ``beside`` a
    question they are a version of it; ``beside`` an answer there is only another answer, made anew. A request that was
    sent before under this key has the exchange of then. ``quota``: what is left of it for a visitor, whose message has
    been counted already. Raises LimitReached, Conflict, KeyReused, NotFound.
    """
    account = user if isinstance(user, User) else None
    if key and account and (earlier := answer_earlier(user=account, key=key)):
        return Exchange(_question_of(earlier), earlier, user)
    if beside and beside.status == Status.STREAMING:
        raise Conflict("This answer is still being written.", code="in_progress", retry_after=1)
    left = quota_take(user=account) if account else quota or {}
    again = beside is not None and beside.sender_type == Sender.BOT
    known = beside.session if beside else session
    with transaction.atomic():
        new_one = {**owned_by(user), "kind": kind, "title": title_of(content)}
        session = _locked(known, user) if known else Session.objects.create(**new_one)
        nodes = tree.nodes_of(session.pk) if known else {}
        position = 1 + max((node.position for node in nodes.values()), default=-1)
        if beside:
            tree.hide_versions(beside)
        new = partial(Message, session=session, chosen=True)
        made = []
        if beside and again:
            question = _question_of(beside)
        else:
            parent = beside.parent_id if beside else tree.end(nodes)
            question = new(parent_id=parent, position=position, sender_type=Sender.USER, content=content)
            made.append(question)
            _name(session, content, instead_of=beside)
        position += len(made)
        answer = new(parent=question, position=position, sender_type=Sender.BOT, status=Status.STREAMING)
        made.append(answer)
        Message.objects.bulk_create(made)
        for message in made:
            message.siblings = [*tree.after(message.parent_id, nodes), message.pk]
            message.cites(())
            Message._meta.get_field("feedback").set_cached_value(message, None)
        if known:
            session.save(update_fields=["title", "updated_at"])
        if key and account:
            answer_keep(user=account, key=key, answer=answer)
    return Exchange(question, answer, user, again, left)


def _question_of(answer: Message) -> Message:
    assert answer.parent  # noqa: S101 - an answer comes after its question
    return answer.parent


def _locked(session: Session, owner: Owner) -> Session:
    """The session as it is now, if it is theirs still. The lock gives questions that come at once different places."""
    now = Session.objects.select_for_update().filter(pk=session.pk, **owned_by(owner)).first()
    if now is None:
        raise NotFound("The session has been deleted.")
    return now


def _name(session: Session, content: str, *, instead_of: Message | None) -> None:
    """After its first question, unless it has a name of its own."""
    after_it = instead_of is not None and instead_of.parent_id is None and session.title == title_of(instead_of.content)
    if not session.title or after_it:
        session.title = title_of(content)


def title_of(content: str) -> str:
    """Of a conversation that begins with this question."""
    line = " ".join(content.split())
    return line if len(line) <= _TITLE_LENGTH else f"{line[:_TITLE_LENGTH].rsplit(' ', 1)[0]}…"
