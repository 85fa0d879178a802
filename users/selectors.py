"""Reads of accounts."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from users.models import TAKEN, ApiKey, LoginSession, User
from utils.errors import NotFound


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
