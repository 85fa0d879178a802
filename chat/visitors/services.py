"""What visitors do: ask, and take their conversation along when they log in."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from django.db import transaction

from chat.beginning import Exchange, exchange_begin
from chat.models import Session, Visitor
from chat.quotas import visitor_quota_take
from chat.selectors import answer_get
from chat.streaming import exchange_answer
from chat.visitors.selectors import visitor_session_get
from chat.visitors.tokens import token_issue, token_read
from rag.gaps import gaps_claim
from users.models import User
from utils.errors import NotFound


def visitor_question_begin(
    *,
    content: str = "",
    address: str,
    origin: str,
    session_id: UUID | None = None,
    proven: UUID | None = None,
    info: Mapping[str, str] | None = None,
    again: UUID | None = None,
) -> Exchange:
    """Save a question and the row of its answer, in a new conversation if none is named; or only the row of another
    answer, beside the one that is to be given ``again``.

    ``proven`` is the conversation that the asker has a token for; ``info`` is what they tell of themselves. What is
    told with the answer has a new token. Raises Conflict, LimitReached, NotAuthenticated, NotFound.
    """
    session = visitor_session_get(session_id=session_id, proven=proven) if session_id else None
    beside = answer_get(user=session.owner, message_id=again) if session and again else None
    site = session.visitor.origin if session and session.visitor else origin
    quota = visitor_quota_take(address=address, origin=site)
    with transaction.atomic():
        visitor = session.visitor if session and session.visitor else Visitor.objects.create(origin=site)
        if info:
            Visitor.objects.filter(pk=visitor.pk).update(**info)
        exchange = exchange_begin(user=visitor, content=content, session=session, beside=beside, quota=quota)
    key = exchange.answer.session_id
    return replace(exchange, told={"session_id": key, "visitor_token": token_issue(key)})


def visitor_question_ask(**asked: object) -> Exchange:
    """As :func:`visitor_question_begin`, and answer it. However that ends, the conversation says it."""
    exchange = visitor_question_begin(**asked)  # type: ignore[arg-type]
    exchange_answer(exchange)
    return exchange


@transaction.atomic
def session_claim(*, user: User, session_id: UUID, token: str) -> Session:
    """Make a visitor's conversation the user's own, who has its token; once more it changes nothing.

    The visitor, with what they told of themselves, is forgotten. Raises InvalidToken; NotFound for another's too.
    """
    session = None
    if token_read(token) == session_id:
        session = Session.objects.select_for_update().filter(pk=session_id).first()
    if session is None or session.user not in (None, user):
        raise NotFound("No session has this id.")
    if visitor := session.visitor:
        session.user, session.visitor = user, None
        session.save(update_fields=["user", "visitor", "updated_at"])
        gaps_claim(asker=visitor, by=user)
        visitor.delete()
    return session
