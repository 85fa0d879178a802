"""Tokens that are mailed: single-use, for one purpose, for a while.

They are 256 random bits, so a plain SHA-256 keeps them safe.
"""

import hashlib
import secrets
from datetime import timedelta

from django.utils import timezone

from users.errors import InvalidLink
from users.models import MailedToken, User

Purpose = MailedToken.Purpose
LIVES = {Purpose.VERIFY: timedelta(days=3), Purpose.RESET: timedelta(hours=1)}


def mailed_token_make(*, user: User, purpose: MailedToken.Purpose, address: str) -> tuple[MailedToken, str]:
    """A token's row, and the token itself, which goes into a mail to the address and nowhere else."""
    token = secrets.token_urlsafe(32)
    expires_at = timezone.now() + LIVES[purpose]
    row = MailedToken.objects.create(
        user=user, purpose=purpose, address=address, digest=_digest(token), expires_at=expires_at
    )
    return row, token


def mailed_token_sent(*, row: MailedToken) -> None:
    """Older ones of the same user and purpose end, and all that have expired are cleaned up."""
    MailedToken.objects.filter(user_id=row.user_id, purpose=row.purpose, pk__lt=row.pk).delete()
    MailedToken.objects.filter(expires_at__lte=timezone.now()).delete()


def mailed_token_spend(*, token: str, purpose: MailedToken.Purpose) -> MailedToken:
    """What the token was mailed for, with the user's row locked. It is spent if the caller's transaction is committed.

    Raises InvalidLink, the same whatever is wrong.
    """
    rows = MailedToken.objects.select_for_update().select_related("user")
    row = rows.filter(digest=_digest(token), purpose=purpose, expires_at__gt=timezone.now()).first()
    if row is None or not row.user.is_active:
        raise InvalidLink
    MailedToken.objects.filter(pk=row.pk).delete()
    return row


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
