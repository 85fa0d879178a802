"""A request that is sent again with the same Idempotency-Key has the answer of the first.

The key is kept with the question that it brought, in the same transaction, so that there is never one without the
other, whatever is killed. What is answered again is the messages as they are now; nothing is stored twice.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.request import Request

from chat.models import AskedOnce, Message, Status
from users.models import User
from utils.errors import Conflict, GroundedError, InvalidInput

KEPT = timedelta(hours=24)
_SANE = re.compile(r"[\x21-\x7e]{1,255}")


class KeyReused(GroundedError):
    status = 422
    code = "idempotency_key_reused"
    title = "The Idempotency-Key belongs to another request"


@dataclass(frozen=True, slots=True)
class RequestKey:
    key: str
    fingerprint: str
    """SHA-256 of address and body: what a request with the same key must have in common with the first."""


def request_key(request: Request) -> RequestKey | None:
    """Raises InvalidInput for a key that nobody would have chosen."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not _SANE.fullmatch(key):
        raise InvalidInput("An Idempotency-Key has 1 to 255 visible ASCII characters.")
    told = json.dumps([request.path, request.data], sort_keys=True, default=str)
    return RequestKey(key, hashlib.sha256(told.encode()).hexdigest())


def answer_earlier(*, user: User, key: RequestKey) -> Message | None:
    """The answer that this request was given before. Raises KeyReused; Conflict while that one is being written."""
    kept = AskedOnce.objects.filter(user=user, key=key.key, at__gt=timezone.now() - KEPT)
    row = kept.select_related("answer__parent").first()
    if row is None:
        return None
    if row.fingerprint != key.fingerprint:
        raise KeyReused("This Idempotency-Key was sent with another request before. Take a new one.")
    if row.answer.status == Status.STREAMING:
        raise _in_progress()
    return row.answer


def answer_keep(*, user: User, key: RequestKey, answer: Message) -> None:
    """Keep the key with its answer, within the transaction that begins it. Raises Conflict if somebody just has."""
    AskedOnce.objects.filter(user=user, at__lte=timezone.now() - KEPT).delete()
    try:
        with transaction.atomic():
            AskedOnce.objects.create(
                user=user, key=key.key, fingerprint=key.fingerprint, answer=answer, at=timezone.now()
            )
    except IntegrityError:
        raise _in_progress() from None


def _in_progress() -> Conflict:
    return Conflict("The same request is being answered just now.", code="in_progress", retry_after=1)
