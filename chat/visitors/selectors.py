"""What a visitor may read: the conversation that they have a token for."""

from uuid import UUID

from chat.models import Session, Visitor
from chat.selectors import session_get
from utils.errors import NotAuthenticated, NotFound


def visitor_session_get(*, session_id: UUID, proven: UUID | None) -> Session:
    """A visitor's conversation, for who has a token for the one that is ``proven``.

    Raises NotAuthenticated without any token; NotFound for another conversation, and one that an account has claimed.
    """
    if proven is None:
        raise NotAuthenticated(
            "Send the visitor token of this conversation: “Authorization: Visitor …”.",
            headers={"WWW-Authenticate": "Visitor"},
        )
    visitor = Visitor.objects.filter(session=session_id).first() if proven == session_id else None
    if visitor is None:
        raise NotFound("No session has this id.")
    return session_get(user=visitor, session_id=session_id)
