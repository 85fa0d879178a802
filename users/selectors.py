"""Reads of accounts, their keys, and the audit trail."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from users.models import TAKEN, ApiKey, AuditEntry, LoginSession, OutgoingMail, Role, User
from utils.errors import NotFound

_LONGEST_ID = 18
"""Digits that a 64-bit number has room for."""


def account_by_login(login: str) -> User | None:
    """The account with this user name or e-mail address, in any case."""
    try:
        return User.objects.get_by_natural_key(login)
    except User.DoesNotExist:
        return None


def account_by_unverified_address(address: str) -> User | None:
    """The latest account that has no address yet but gave this one, in any case."""
    awaiting = User.objects.without_case("new_email", User.objects.normalize_email(address))
    return awaiting.filter(email="").order_by("-pk").first()


def account_by_address(address: str) -> User | None:
    """The account that a mail to this address is about."""
    own = User.objects.without_case("email", User.objects.normalize_email(address)).first()
    return own or account_by_unverified_address(address)


def account_to_verify(address: str) -> User | None:
    """The account that is to verify this address, the latest if there are several."""
    address = User.objects.normalize_email(address)
    awaiting = User.objects.without_case("new_email", address).order_by("-pk").first()
    return awaiting or User.objects.without_case("email", address).filter(is_verified=False).first()


def account_verified_with(address: str) -> User | None:
    """The account that this address belongs to."""
    return User.objects.without_case("email", address).filter(is_verified=True).first()


def admins_with_address() -> QuerySet[User]:
    """The admins whom a mail reaches, the first one first."""
    return User.objects.filter(role=Role.ADMIN, is_active=True).exclude(email="").order_by("pk")


def account_conflicts(user: User) -> dict[str, list[str]]:
    """Field to messages: what of ``user``, saved or not, another account has already.

    Where addresses are verified, one that is taken is not told: the mail to it says so.
    """
    return {
        field: [message]
        for field, message in TAKEN.items()
        if not (field == "email" and settings.REQUIRE_VERIFIED_EMAIL)
        and User.objects.without_case(field, getattr(user, field)).exclude(pk=user.pk).exists()
    }


def login_session_find(session_id: UUID) -> LoginSession | None:
    """The session, revoked or not, with its user, by one query."""
    return LoginSession.objects.select_related("user").filter(pk=session_id).first()


def login_sessions_of(user: User) -> QuerySet[LoginSession]:
    """The user's sessions that go on, the last used first."""
    return LoginSession.objects.filter(user=user, revoked_at=None, expires_at__gt=timezone.now())


def login_session_get(*, user: User, session_id: UUID) -> LoginSession:
    """One of them. Raises NotFound, for somebody else's too."""
    try:
        return login_sessions_of(user).get(pk=session_id)
    except LoginSession.DoesNotExist:
        raise NotFound("No session of yours has this id.") from None


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


class Waiting(NamedTuple):
    """Mails that have not been sent."""

    number: int
    oldest: datetime | None
    """Since when the first of them is due; in the future where all have been tried."""


def mails_waiting() -> Waiting:
    found = OutgoingMail.objects.filter(sent_at=None)
    return Waiting(**found.aggregate(number=Count("pk"), oldest=Min("due_at")))
