"""System checks of the keys that sign access and refresh tokens, and chain the audit trail."""

from typing import Any

from django.conf import settings
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
    return []


@register(Tags.security)
def audit_key(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    if settings.AUDIT_KEY and len(settings.AUDIT_KEY.encode()) < 32:
        hint = "Set AUDIT_KEY to 32 bytes or more before the first entry, or leave it unset."
        return [Error("The key of the audit trail is shorter than 32 bytes.", hint=hint, id="users.E004")]
    return []
