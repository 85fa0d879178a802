"""The account itself, what lets its owner in (log-ins, API keys), and what it is mailed.

Another kind of log-in record belongs here: its model into ``models``, its rows into ``export`` and ``erase``.
"""

from collections.abc import Iterable

from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet

from users.models import (
    ApiKey,
    ExternalIdentity,
    LoginSession,
    MailedToken,
    OutgoingMail,
    RecoveryCode,
    SecondFactor,
    SignOn,
    User,
)
from users.personal_data.base import Part, PersonalData

_ACCOUNT = "id username email new_email first_name last_name role is_verified is_active date_joined last_login".split()
_LOGIN = "device address created_at last_used_at expires_at revoked_at revoked_why".split()
_LINK = "purpose address expires_at".split()
_IDENTITY = "issuer subject created_at last_used_at".split()
_KEY = "id name prefix scopes created_at expires_at last_used_at revoked_at".split()


class AccountData(PersonalData):
    models = frozenset(
        {
            "users.User",
            "users.User_groups",
            "users.User_user_permissions",
            "users.ApiKey",
            "users.LoginSession",
            "users.MailedToken",
            "users.OutgoingMail",
            "users.ExternalIdentity",
            "users.SignOn",
            "users.SecondFactor",
            "users.RecoveryCode",
            "admin.LogEntry",
        }
    )

    def export(self, user: User) -> Iterable[Part]:
        yield (
            "account",
            {
                **{name: getattr(user, name) for name in _ACCOUNT},
                "groups": list(user.groups.values_list("name", flat=True)),
                "permissions": list(user.user_permissions.values_list("codename", flat=True)),
            },
        )
        yield "api_keys", ApiKey.objects.filter(user=user).values(*_KEY).iterator()
        yield "logins", LoginSession.objects.filter(user=user).values(*_LOGIN).iterator()
        yield "mailed_links", MailedToken.objects.filter(user=user).values(*_LINK).iterator()
        yield "identities", ExternalIdentity.objects.filter(user=user).values(*_IDENTITY).iterator()
        yield "sign_ons", SignOn.objects.filter(user=user).values("expires_at", "used").iterator()
        yield "second_factor", SecondFactor.objects.filter(user=user).values("confirmed_at").iterator()
        codes = RecoveryCode.objects.filter(factor__user=user)
        yield "recovery_codes_left", codes.count()
        yield "mails", _mails(user).values("kind", "address", "due_at", "sent_at").iterator()
        yield "admin_site_logins", ({"expires_at": row.expire_date} for row in _logins(user))
        log = LogEntry.objects.filter(user=user).order_by("id")
        yield "admin_site_log", log.values("action_time", "object_repr", "change_message").iterator()

    def erase(self, user: User) -> None:
        for row in _logins(user):
            row.delete()
        _mails(user).delete()
        about = ContentType.objects.get_for_model(User)
        LogEntry.objects.filter(content_type=about, object_id=str(user.pk)).delete()
        user.delete()


def _mails(user: User) -> QuerySet[OutgoingMail]:
    """What was asked for an address does not say whose it is."""
    addresses = [address for address in (user.email, user.new_email) if address]
    return OutgoingMail.objects.filter(Q(user=user) | Q(user=None, address__in=addresses))


def _logins(user: User) -> Iterable[Session]:
    """Whose a log-in is stands in its data only."""
    for row in Session.objects.iterator():
        if row.get_decoded().get(SESSION_KEY) == str(user.pk):
            yield row
