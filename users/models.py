"""Accounts, their log-ins and API keys, and what they are mailed. Here too: the models of the other modules."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Lower

from users.second_factor.models import RecoveryCode as RecoveryCode
from users.second_factor.models import SecondFactor as SecondFactor
from users.sso.models import ExternalIdentity as ExternalIdentity
from users.sso.models import SignOn as SignOn
from users.trail_models import AuditEntry as AuditEntry
from users.trail_models import AuditHead as AuditHead
from users.trail_models import Erasure as Erasure
from users.trail_models import ErasureState as ErasureState

TAKEN = {
    "username": "An account with this user name already exists.",
    "email": "An account with this e-mail address already exists.",
}


class Role(models.TextChoices):
    USER = "user", "User"
    STUDENT = "student", "Student"
    TEACHER = "teacher", "Teacher"
    EDITOR = "editor", "Editor"
    ADMIN = "admin", "Admin"


class AccountManager(UserManager["User"]):
    use_in_migrations = False

    def without_case(self, field: str, value: str) -> QuerySet["User"]:
        """Accounts whose ``field`` is ``value`` in any case, judged as the unique constraints do, by their index."""
        found = self.alias(lowered=Lower(field)).filter(lowered=Lower(Value(value)))
        return found.exclude(**{field: ""})  # as the index leaves them out

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
        return super().create_superuser(
            username, email, password, **{"role": Role.ADMIN, "is_verified": True, **extra_fields}
        )


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
    email = models.EmailField(
        "e-mail address", blank=True, help_text="Empty until it is verified, where verification is required."
    )
    new_email = models.EmailField(
        "new e-mail address",
        blank=True,
        default="",
        help_text="Awaits verification, and then becomes the address. Until then it belongs to nobody.",
    )
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
                condition=~Q(email=""),
                violation_error_message=TAKEN["email"],
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(Lower("new_email"), name="user_new_email_without_case")]

    @property
    def address(self) -> str:
        """Where mails to them go: their own address, or while they have none the one that they gave."""
        return self.email or self.new_email

    @property
    def unverified_address(self) -> str:
        """The address that they are asked to verify, or none."""
        return self.new_email or ("" if self.is_verified else self.email)

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
    TUTORING = "tutoring", "Tutoring"


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


class MailedToken(models.Model):
    """A secret in a mail, by which its reader shows that the address is theirs (users/mailed_tokens.py).

    Of the token itself only its hash is kept. The row goes when it is used, or when a newer one is mailed.
    """

    class Purpose(models.TextChoices):
        VERIFY = "verify", "Verify the address"
        RESET = "reset", "Set a new password"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mailed_tokens")
    purpose = models.CharField(max_length=16, choices=Purpose)
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token.")
    address = models.EmailField(help_text="Where it was mailed to.")
    expires_at = models.DateTimeField(db_index=True)


class OutgoingMail(models.Model):
    """A mail that is to be sent (users/outbox.py). What it says is made when it is sent; here is no token.

    A notice, to an admin, is written beforehand.
    """

    class Kind(models.TextChoices):
        VERIFY = "verify", "Verify the address"
        RESET = "reset", "Set a new password"
        PASSWORD_CHANGED = "password_changed", "The password was changed"
        ADDRESS_CHANGED = "address_changed", "The address was changed"
        NOTICE = "notice", "A notice to admins"

    kind = models.CharField(max_length=32, choices=Kind)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        related_name="+",
        help_text="Empty: whoever has the address, if anybody. Who asks for the mail does not wait for that.",
    )
    address = models.EmailField()
    subject = models.CharField(max_length=200, blank=True, help_text="Of a notice.")
    text = models.TextField(blank=True, help_text="Of a notice.")
    html = models.TextField(blank=True, help_text="Of a notice; a whole page.")
    due_at = models.DateTimeField(db_index=True, help_text="Not before. Moved on by each attempt.")
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, db_index=True, help_text="Kept for an hour then, to count.")
