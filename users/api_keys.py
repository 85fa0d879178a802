"""Personal API keys: with one, a program does what its owner may do, as far as the key's scopes reach.

A key is ``gk_``, twelve characters by which it is known, thirty-two that are secret (190 bits, so that a plain SHA-256
keeps it safe), and six of a checksum, by which a mistyped one is told without the database, and a leaked one by
whoever looks for leaks.
"""

import hashlib
import hmac
import re
import secrets
import string
import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from users.audit import audit_record
from users.errors import InvalidApiKey
from users.models import ApiKey, User
from utils.errors import Conflict, InvalidInput

MOST = 50
"""Live keys of one user."""
_MARK = "gk_"
_PREFIX, _SECRET, _CHECKSUM = 12, 32, 6
_DIGITS = string.digits + string.ascii_letters
_FORM = re.compile(rf"{_MARK}[0-9A-Za-z]{{{_PREFIX + _SECRET + _CHECKSUM}}}")
_USE_NOTED = timedelta(minutes=1)
"""How exactly the last use is known: so that not every request writes."""


def is_api_key(token: str) -> bool:
    """Whether it means to be one."""
    return token.startswith(_MARK)


def api_key_create(
    *, user: User, name: str, scopes: Sequence[str], expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """A new key's row, and the key itself, which nobody can read again. Raises InvalidInput, Conflict."""
    if expires_at and expires_at <= timezone.now():
        text = "This time has passed."
        raise InvalidInput(text, errors={"expires_at": [text]})
    body = _MARK + "".join(secrets.choice(_DIGITS) for _ in range(_PREFIX + _SECRET))
    key = body + _checksum(body)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if ApiKey.objects.filter(user=user, revoked_at=None).count() >= MOST:
            raise Conflict(f"You have {MOST} API keys. Revoke one that you do not need.", code="too_many_api_keys")
        row = ApiKey.objects.create(
            user=user,
            name=name,
            prefix=_prefix(key),
            digest=_digest(key),
            scopes=sorted(set(scopes)),
            expires_at=expires_at,
        )
        _audit("create", user, row)
    return row, key


def api_key_revoke(*, api_key: ApiKey, actor: User) -> None:
    """It opens nothing any more. Its row stays, for the admin site."""
    with transaction.atomic():
        if ApiKey.objects.filter(pk=api_key.pk, revoked_at=None).update(revoked_at=timezone.now()):
            _audit("revoke", actor, api_key)


def api_key_use(*, key: str) -> ApiKey:
    """The key with its user, by one query. Raises InvalidApiKey, the same whatever is wrong.

    The row is found by the part that is no secret, and the digests are compared in constant time.
    """
    wrong = InvalidApiKey("This API key is mistyped, has expired or was revoked, or its account is not active.")
    if not _FORM.fullmatch(key) or not hmac.compare_digest(_checksum(key[:-_CHECKSUM]), key[-_CHECKSUM:]):
        raise wrong
    row = ApiKey.objects.select_related("user").filter(prefix=_prefix(key)).first()
    if row is None or not hmac.compare_digest(row.digest, _digest(key)):
        raise wrong
    now = timezone.now()
    if row.revoked_at or (row.expires_at and row.expires_at <= now) or not row.user.is_active:
        raise wrong
    if row.last_used_at is None or now - row.last_used_at >= _USE_NOTED:
        ApiKey.objects.filter(pk=row.pk).update(last_used_at=now)
    return row


def _prefix(key: str) -> str:
    return key[: len(_MARK) + _PREFIX]


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _checksum(body: str) -> str:
    """CRC-32 in base 62, as keys of other services have it."""
    number = zlib.crc32(body.encode())
    digits = ""
    for _ in range(_CHECKSUM):
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits


def _audit(verb: str, actor: User, row: ApiKey) -> None:
    pk: UUID = row.pk
    detail = {"name": row.name, "prefix": row.prefix, "scopes": row.scopes, "owner": row.user.username}
    audit_record(
        actor=actor,
        action=f"api_key.{verb}",
        object_type="api_key",
        object_id=str(pk),
        detail=detail,
        subject=row.user,
    )
