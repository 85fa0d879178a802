"""The trail of who did what to which object, from where, and what it was before and after."""

import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from users import audit_chain
from users.models import AuditEntry, User
from utils.client_address import current_client_address
from utils.request_id import current_request_id

_BLANK_ACTOR: dict[str, Any] = {"actor": None, "actor_name": "", "address": "", "request_id": "", "actor_salt": ""}
_BLANK_OBJECT: dict[str, Any] = {
    "object_id": "",
    "subject": None,
    "detail": {},
    "before": None,
    "after": None,
    "object_salt": "",
}


@transaction.atomic(savepoint=False)
def audit_record(
    *,
    actor: User | None,
    action: str,
    object_type: str,
    object_id: str,
    detail: Mapping[str, Any] | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    subject: User | None = None,
    traced: bool = True,
) -> AuditEntry:
    """Leave an entry in the trail, in the transaction of the deed itself and as its last step: others wait with theirs
    until that ends. ``action`` reads ``object.verb``; no actor is the system.

    ``subject`` is the account that the object and what is said of it tell of: it is forgotten with that account.
    Not ``traced``: address and request are left out.
    """
    entry = AuditEntry(
        at=timezone.now(),
        actor=actor,
        actor_name=actor.username if actor else "",
        address=current_client_address() if traced else "",
        request_id=current_request_id().strip("-") if traced else "",
        action=action,
        object_type=object_type,
        object_id=object_id,
        subject=subject,
        detail=_plain(detail or {}),
        before=_plain(before),
        after=_plain(after),
        actor_salt=secrets.token_hex(16),
        object_salt=secrets.token_hex(16),
    )
    audit_chain.append(entry)
    return entry


def state_of(row: Model, fields: Sequence[str]) -> dict[str, Any]:
    """These fields of a row as the database has them now, for ``before``; nothing of one that is not there."""
    return type(row)._default_manager.filter(pk=row.pk).values(*fields).first() or {}


def audit_saved(
    *,
    actor: User | None,
    row: Model,
    object_type: str,
    before: Mapping[str, Any],
    fields: Sequence[str],
    subject: User | None = None,
) -> None:
    """Record that a row was made or changed; ``before`` is the :func:`state_of` these fields had.

    Of a change only what differs is told; where nothing does, nothing was done.
    """
    known: dict[str, Any] = _plain(before)
    after: dict[str, Any] = _plain(state_of(row, fields))
    told = [name for name in fields if not known or known[name] != after[name]]
    if told:
        audit_record(
            actor=actor,
            action=f"{object_type}.{'update' if known else 'create'}",
            object_type=object_type,
            object_id=str(row.pk),
            before={name: known[name] for name in told} if known else None,
            after={name: after[name] for name in told},
            subject=subject,
        )


def audit_removal(
    *, actor: User | None, row: Model, object_type: str, fields: Sequence[str], subject: User | None = None
) -> None:
    """Record that a row is being deleted, with what it was. Before it is, in the same transaction."""
    audit_record(
        actor=actor,
        action=f"{object_type}.delete",
        object_type=object_type,
        object_id=str(row.pk),
        before=state_of(row, fields),
        subject=subject,
    )


@transaction.atomic
def audit_forget(
    *, actors: QuerySet[AuditEntry], subjects: QuerySet[AuditEntry], action: str, object_type: str, by: User | None
) -> UUID:
    """Blank who it was in some entries, and of whom they tell in some; the chain still verifies.

    An entry of its own accounts for each part that was blanked, so that a part that somebody else blanks is noticed.
    Returns the removal's id, which that entry has for its object. Nobody (``by``): it does not say from where either,
    for that would be the address of who is forgotten.
    """
    removal = uuid4()
    parts = []
    for part, entries, blank in (("actor", actors, _BLANK_ACTOR), ("object", subjects, _BLANK_OBJECT)):
        entries = entries.exclude(**{f"{part}_salt": ""})
        ids = list(entries.order_by("id").values_list("pk", flat=True))
        entries.update(**blank, **{f"{part}_removal": removal})
        parts += [f"{part}:{pk}" for pk in ids]
    audit_record(
        actor=by,
        action=action,
        object_type=object_type,
        object_id=str(removal),
        detail={"blanked": len(parts), "digest": audit_chain.digest_of_parts(parts)},
        traced=by is not None,
    )
    return removal


def _plain(value: Any) -> Any:
    """As every database gives it back, to the letter: floating-point numbers become texts."""
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder), parse_float=str)
