"""What proves that somebody is the visitor of a conversation: its id and the time, signed. None is stored."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner

from users.errors import InvalidToken


def _signer() -> TimestampSigner:
    return TimestampSigner(salt="chat.visitors")


def token_issue(session_id: UUID) -> str:
    return _signer().sign(str(session_id))


def token_read(token: str) -> UUID:
    """The id of the conversation. Raises InvalidToken if we did not sign it, or did so too long ago."""
    age = timedelta(minutes=settings.VISITORS["TOKEN_MINUTES"])
    try:
        return UUID(_signer().unsign(token, max_age=age))
    except (BadSignature, ValueError):
        raise InvalidToken(
            "The visitor token is not valid or has expired. Begin a new conversation.",
            headers={"WWW-Authenticate": "Visitor"},
        ) from None
