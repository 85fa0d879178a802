"""Log-in sessions: how a refresh token is exchanged for the next, and what ends them.

A refresh token is good for one exchange. Whoever brings it once more within ten seconds (a double click, two windows)
gets the very successor that was made. Later somebody else must have had it: the session is revoked, and with it the
tokens of whoever came first.
"""

import logging
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from users import tokens
from users.audit import audit_record
from users.errors import InvalidToken
from users.models import Ending, LoginSession, User
from users.tokens import TokenPair

logger = logging.getLogger(__name__)
GRACE = 10.0
"""Seconds after its exchange for which a refresh token is answered by the same successor."""


def tokens_issue(
    *, user: User, device: str = "", address: str = "", second_factor: bool = False, at: datetime | None = None
) -> TokenPair:
    """Open a session for ``user``, whom somebody else has made sure of. ``at`` is the time, now if it is not given."""
    now = at or timezone.now()
    session = LoginSession.objects.create(
        user=user,
        device="".join(filter(str.isprintable, device))[:255],
        address=address,
        second_factor=second_factor,
        created_at=now,
        last_used_at=now,
        expires_at=now + settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"],
    )
    return tokens.pair(session, number=1, made=now.timestamp())


def tokens_refresh(*, refresh: str, address: str = "", at: datetime | None = None) -> TokenPair:
    """Exchange a refresh token for a new pair; of several at once that bring the same, all get the same refresh token.

    Raises InvalidToken. A token whose exchange is longer ago has its session revoked.
    """
    claims = tokens.read(refresh)
    now = at or timezone.now()
    with transaction.atomic():
        # The lock: exchanges of one session come one after the other. SQLite has one writer at a time anyway.
        locked = LoginSession.objects.select_for_update(of=("self",)).select_related("user")
        session = locked.filter(pk=claims.session_id).first()
        if session is None or not session.accepts(claims.version) or claims.number > session.number:
            raise InvalidToken("The session of this refresh token has ended, or its account is not active.")
        if claims.number == session.number:
            _exchange(session, address, now)
        made = _exchanged_at(session, claims.number, now.timestamp())
        if made is None:
            _report_reuse(session, address)
    if made is None:  # after the transaction, which must stand
        raise InvalidToken("This refresh token has been used before, so its session was ended. Log in again.")
    return tokens.pair(session, number=claims.number + 1, made=made)


def session_close(*, user: User, refresh: str) -> None:
    """Log out: end the session of the user's own refresh token, spent or not. Raises InvalidToken."""
    session = LoginSession.objects.filter(pk=tokens.read(refresh).session_id, user=user).first()
    if session is None:
        raise InvalidToken("This is not a refresh token of yours.")
    session_revoke(session_id=session.pk, why=Ending.LOG_OUT)


def session_revoke(*, session_id: UUID, why: Ending) -> None:
    """None of its tokens is good any more. What is revoked already stays as it is."""
    LoginSession.objects.filter(pk=session_id, revoked_at=None).update(revoked_at=timezone.now(), revoked_why=why)


def sessions_revoke_others(*, user: User, keep: UUID) -> None:
    """None of the user's tokens is good any more but those of one session."""
    others = LoginSession.objects.filter(user=user, revoked_at=None).exclude(pk=keep)
    others.update(revoked_at=timezone.now(), revoked_why=Ending.ACCOUNT)


def tokens_revoke_all(*, user: User) -> None:
    """None of the user's tokens is good any more, nor those that somebody is just being given."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(token_version=F("token_version") + 1)
        open_sessions = LoginSession.objects.filter(user=user, revoked_at=None)
        open_sessions.update(revoked_at=timezone.now(), revoked_why=Ending.ACCOUNT)
    user.refresh_from_db(fields=["token_version"])


def _exchange(session: LoginSession, address: str, now: datetime) -> None:
    """Spend its newest token for the next."""
    session.number += 1
    session.exchanged = [*(at for at in session.exchanged if now.timestamp() - at <= GRACE), now.timestamp()]
    session.address = address or session.address
    session.last_used_at = now
    session.expires_at = now + settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"]
    session.save(update_fields=["number", "exchanged", "address", "last_used_at", "expires_at"])


def _exchanged_at(session: LoginSession, number: int, now: float) -> float | None:
    """When the token of this number was exchanged, if that is not longer ago than the grace. The last is at the end."""
    back = session.number - number
    at = session.exchanged[-back] if back <= len(session.exchanged) else None
    return at if at is not None and now - at <= GRACE else None


def _report_reuse(session: LoginSession, address: str) -> None:
    session_revoke(session_id=session.pk, why=Ending.REUSE)
    audit_record(
        actor=None,
        action="login_session.reuse",
        object_type="login_session",
        object_id=str(session.pk),
        detail={"owner": session.user.username, "address": address},
    )
    logger.warning(
        "A spent refresh token of user %s was used again from %s, so the session %s is revoked.",
        session.user_id,
        address or "an unknown address",
        session.pk,
    )
