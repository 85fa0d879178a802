"""Reads of accounts, their keys, and the audit trail."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from users.models import TAKEN, ApiKey, AuditEntry, User
from utils.errors import NotFound

_LONGEST_ID = 18
"""Digits that a 64-bit number has room for."""


def account_by_login(login: str) -> User | None:
    """The account with this user name or e-mail address, in any case."""
    try:
        return User.objects.get_by_natural_key(login)
    except User.DoesNotExist:
        return None


def account_conflicts(user: User) -> dict[str, list[str]]:
    """Field to messages: what of ``user``, saved or not, another account has already."""
    return {
        field: [message]
        for field, message in TAKEN.items()
        if User.objects.without_case(field, getattr(user, field)).exclude(pk=user.pk).exists()
    }


def api_keys_of(user: User) -> QuerySet[ApiKey]:
    """The user's keys that are not revoked, expired ones too, the latest first."""
    return ApiKey.objects.filter(user=user, revoked_at=None)


def api_key_get(*, user: User, key_id: UUID) -> ApiKey:
    """One of them. Raises NotFound, for somebody else's too."""
    try:
        return api_keys_of(user).get(pk=key_id)
    except ApiKey.DoesNotExist:
        raise NotFound("No API key has this id.") from None


def audit_entries(
    *,
    actor: str = "",
    action: str = "",
    object_type: str = "",
    object_id: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[AuditEntry]:
    """The entries of the trail, the latest first. ``actor`` is an id or a user name; ``action`` may be a beginning, up
    to its dot; ``until`` is not included."""
    found = AuditEntry.objects.all()
    if actor:
        by_id = Q(actor_id=int(actor)) if actor.isdecimal() and len(actor) <= _LONGEST_ID else Q()
        found = found.filter(Q(actor_name=actor) | by_id)
    if action:
        found = found.filter(Q(action=action) | Q(action__startswith=f"{action}."))
    exact = {"object_type": object_type, "object_id": object_id, "at__gte": since, "at__lt": until}
    return found.filter(**{name: value for name, value in exact.items() if value})
