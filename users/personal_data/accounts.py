"""The account itself, and what lets its owner in: API keys, refresh tokens, log-ins to the admin site.

Another kind of log-in record belongs here: its model into ``models``, its rows into ``export`` and ``erase``.
"""

from collections.abc import Iterable

from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from users.models import ApiKey, User
from users.personal_data.base import Part, PersonalData

_ACCOUNT = "id username email first_name last_name role is_verified is_active date_joined last_login".split()
_KEY = "id name prefix scopes created_at expires_at last_used_at revoked_at".split()


class AccountData(PersonalData):
    models = frozenset(
        {
            "users.User",
            "users.User_groups",
            "users.User_user_permissions",
            "users.ApiKey",
            "token_blacklist.OutstandingToken",
            "token_blacklist.BlacklistedToken",
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
        tokens = OutstandingToken.objects.filter(user=user).order_by("id")
        yield "refresh_tokens", tokens.values("jti", "created_at", "expires_at", "blacklistedtoken__blacklisted_at")
        yield "admin_site_logins", ({"expires_at": row.expire_date} for row in _logins(user))
        log = LogEntry.objects.filter(user=user).order_by("id")
        yield "admin_site_log", log.values("action_time", "object_repr", "change_message").iterator()

    def erase(self, user: User) -> None:
        for row in _logins(user):
            row.delete()
        OutstandingToken.objects.filter(user=user).delete()  # of itself it would stay, without its user
        about = ContentType.objects.get_for_model(User)
        LogEntry.objects.filter(content_type=about, object_id=str(user.pk)).delete()
        user.delete()


def _logins(user: User) -> Iterable[Session]:
    """Whose a log-in is stands in its data only."""
    for row in Session.objects.iterator():
        if row.get_decoded().get(SESSION_KEY) == str(user.pk):
            yield row
