"""System checks of the keys of tokens and of the audit trail, and of the way that mails go."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register

HINT = (
    "Set JWT_SIGNING_KEY to a key of its own; this makes one: "
    "python -c 'import secrets; print(secrets.token_urlsafe(64))'"
)


@register(Tags.security)
def jwt_signing_key(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    key = str(settings.SIMPLE_JWT["SIGNING_KEY"] or "")
    if not key:
        return [Error("There is no key to sign tokens with.", hint=HINT, id="users.E001")]
    if len(key.encode()) < 32:
        return [Error("The key that signs tokens is shorter than 32 bytes.", hint=HINT, id="users.E002")]
    if key == settings.SECRET_KEY:
        return [Error("The key that signs tokens is SECRET_KEY.", hint=HINT, id="users.E003")]
    if any(len(former.encode()) < 32 for former in settings.JWT_PREVIOUS_KEYS):
        text = "A key whose tokens are still good is shorter than 32 bytes."
        return [Error(text, hint="Take it out of JWT_PREVIOUS_KEYS.", id="users.E004")]
    return []


@register(Tags.compatibility)
def mails(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    needed = "verify an address or" if settings.REQUIRE_VERIFIED_EMAIL else "get a forgotten password back or"
    if settings.EMAIL_BACKEND.endswith(".smtp.EmailBackend") and not settings.EMAIL_HOST:
        found.append(
            checks.Warning(
                f"There is no mail server, so nobody can {needed} be told of changes.",
                hint="Set EMAIL_URL, such as smtp://user:password@host:587. Without verification "
                "(REQUIRE_VERIFIED_EMAIL=False) people can log in all the same.",
                id="users.W001",
            )
        )
    if not settings.PUBLIC_URL:
        found.append(
            checks.Warning(
                "It is not known where people reach the server, so links in mails lead nowhere.",
                hint="Set PUBLIC_URL, such as https://chat.example.org.",
                id="users.W002",
            )
        )
    return found


@register(Tags.security)
def audit_key(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    if settings.AUDIT_KEY and len(settings.AUDIT_KEY.encode()) < 32:
        hint = "Set AUDIT_KEY to 32 bytes or more before the first entry, or leave it unset."
        return [Error("The key of the audit trail is shorter than 32 bytes.", hint=hint, id="users.E005")]
    return []
