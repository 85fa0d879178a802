"""Accounts, their log-ins and API keys, and the trail of who did what."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import QuerySet, Value
from django.db.models.functions import Lower

from users.second_factor.models import RecoveryCode as RecoveryCode
from users.second_factor.models import SecondFactor as SecondFactor
from users.sso.models import ExternalIdentity as ExternalIdentity
from users.sso.models import SignOn as SignOn

TAKEN = {
    "username": "An account with this user name already exists.",
    "email": "An account with this e-mail address already exists.",
}


class Role(models.TextChoices):
    USER = "user", "User"
    EDITOR = "editor", "Editor"
    ADMIN = "admin", "Admin"


class AccountManager(UserManager["User"]):
    use_in_migrations = False

    def without_case(self, field: str, value: str) -> QuerySet["User"]:
        """Accounts whose ``field`` is ``value`` in any case, judged as the unique constraints do, by their index."""
        return self.alias(lowered=Lower(field)).filter(lowered=Lower(Value(value)))

    def get_by_natural_key(self, username: str | None) -> "User":
        """The account that logs in as ``username``: its user name or its e-mail address, in any case.

        Never ambiguous, since an address has an ``@`` and a user name cannot. Django's own log-in, that of the admin
        site too, comes through here. Raises User.DoesNotExist.
        """
        login = username or ""
        if "@" in login:
            return self.without_case("email", self.normalize_email(login)).get()
        return self.without_case("username", User.normalize_username(login)).get()

    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **extra_fields: Any
    ) -> "User":
        return super().create_superuser(username, email, password, **{"role": Role.ADMIN, **extra_fields})


class User(AbstractUser):
    """Somebody who may log in. User name and e-mail address are unique whatever their case.

    SQLite knows the case of ASCII letters only: there ``Zoë`` and ``ZOË`` are two names.
    """

    username = models.CharField(
        "user name",
        max_length=150,
        unique=True,
        help_text="At most 150 letters, digits and . + - _",
        validators=[RegexValidator(r"^[\w.+-]+\Z", "A user name is made of letters, digits and . + - _ only.")],
        error_messages={"unique": TAKEN["username"]},
    )
    email = models.EmailField("e-mail address")
    role = models.CharField(max_length=16, choices=Role, default=Role.USER)
    is_verified = models.BooleanField("e-mail verified", default=False)
    token_version = models.PositiveIntegerField(
        default=1, editable=False, help_text="Tokens of an earlier version are refused."
    )

    objects: ClassVar[AccountManager] = AccountManager()

    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="user_username_unique_without_case",
                violation_error_message=TAKEN["username"],
            ),
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique_without_case",
                violation_error_message=TAKEN["email"],
            ),
        ]

    @property
    def is_editor(self) -> bool:
        """Editors and admins look after the knowledge base."""
        return self.role in (Role.EDITOR, Role.ADMIN)


class Ending(models.TextChoices):
    """Why a log-in session was revoked."""

    LOG_OUT = "log_out", "Logged out"
    OWNER = "owner", "Ended by its owner"
    REUSE = "reuse", "A spent refresh token was used again"
    ACCOUNT = "account", "Password, role or state of the account changed"


class LoginSession(models.Model):
    """A log-in on one device, and the family of refresh tokens that came of it, each in exchange for the one before.

    No token is stored. Its number and the time of the exchange are enough to make it again (users/tokens.py).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="login_sessions")
    device = models.CharField(max_length=255, blank=True, help_text="As its program names itself (User-Agent).")
    address = models.CharField(max_length=45, blank=True, help_text="Where it was used from last; of IPv6 the network.")
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(help_text="The log-in, or the last exchange of a refresh token.")
    expires_at = models.DateTimeField(db_index=True, help_text="When its newest refresh token expires.")
    number = models.PositiveIntegerField(default=1, help_text="Of its newest refresh token.")
    exchanged = models.JSONField(
        default=list, help_text="When its last tokens were exchanged, in seconds since 1970; only what is recent."
    )
    second_factor = models.BooleanField(
        default=False, help_text="Whether one was shown at the log-in, here or to the provider."
    )
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_why = models.CharField(max_length=16, choices=Ending, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-last_used_at", "id"]

    def accepts(self, version: int) -> bool:
        """Whether its tokens of this version are good. Reads the user."""
        return self.revoked_at is None and self.user.is_active and self.user.token_version == version


class Scope(models.TextChoices):
    """What an API key is for. Which addresses that opens is in the settings (``API_KEY_SCOPES``)."""

    CHAT = "chat", "Chat"
    SEARCH = "search", "Search"
    MCP = "mcp", "MCP"


class ApiKey(models.Model):
    """A key with which a program acts for a user (users/api_keys.py). Of the key itself only its hash is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100, help_text="What it is used for.")
    prefix = models.CharField(max_length=16, unique=True, help_text="Its beginning, by which it is known.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the whole key.")
    scopes = models.JSONField(help_text="What it opens.")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Empty: never.")
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="To the minute.")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "id"]
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class AuditEntry(models.Model):
    """Somebody did something to an object. Entries are added and never changed."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    actor_name = models.CharField(max_length=150, blank=True, help_text="Outlives the account. Empty: the system.")
    action = models.CharField(max_length=64, db_index=True)
    object_type = models.CharField(max_length=64)
    object_id = models.CharField(max_length=64, db_index=True)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.action} {self.object_id}"
