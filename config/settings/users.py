"""Who may enter, and what is kept of persons."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from config.settings.environment import ENV

JWT_SIGNING_KEY = ENV.jwt_signing_key
# Verify tokens, but sign none: keys that were in use before, or are about to be.
JWT_PREVIOUS_KEYS: list[str] = ENV.jwt_previous_keys
# Where the keys are kept that this installation has made for itself, if it has.
JWT_KEY_FILE: Path | None = None

AUTH_USER_MODEL = "users.User"
REQUIRE_VERIFIED_EMAIL = bool(ENV.require_verified_email)
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend", "users.backends.UnverifiedAddressBackend"]
# The first makes hashes; those of the others are made anew when their owner logs in.
PASSWORD_HASHERS = [
    "users.hashers.Argon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

SIMPLE_JWT: dict[str, Any] = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=7),
    "AUTH_TOKEN_CLASSES": ("users.tokens.AccessToken",),
    "SIGNING_KEY": JWT_SIGNING_KEY,
    "ISSUER": "grounded",
    "AUDIENCE": "grounded-api",
}
# Whether refresh tokens travel in cookies that no script can read (users/cookies.py), not in bodies.
AUTH_COOKIES: bool = ENV.auth_cookies
# Accounts of these roles have to set up a second factor (users/second_factor/).
REQUIRE_SECOND_FACTOR_ROLES: list[str] = ENV.require_second_factor_roles
# Single sign-on by an OpenID Connect provider (users/sso/), where there is an issuer.
OIDC: dict[str, Any] = {
    "ISSUER": ENV.oidc_issuer,
    "CLIENT_ID": ENV.oidc_client_id,
    "CLIENT_SECRET": ENV.oidc_client_secret,
    "NAME": ENV.oidc_name,
    "SCOPES": ENV.oidc_scopes,
    "ROLE_CLAIM": ENV.oidc_role_claim,
    "ROLES": {value: role for value, _, role in (pair.rpartition("=") for pair in ENV.oidc_roles)},
    "TRUST_SECOND_FACTOR": ENV.oidc_trust_second_factor,
}

# The beginnings of the addresses that each scope of a personal API key opens. A key opens no others.
API_KEY_SCOPES: dict[str, tuple[str, ...]] = {
    "chat": ("/api/chat/", "/v1/"),
    "search": ("/api/rag/search/",),
    "mcp": ("/mcp",),
    "tutoring": ("/api/sessions/",),
}

# What each room keeps of persons, in the order in which it is erased; a section's rows may hang on those after it.
PERSONAL_DATA = [
    "learning.tutoring.personal_data.TutoringData",
    "learning.personal_data.LearningData",
    "chat.personal_data.ConversationData",
    "rag.personal_data.QuestionData",
    "documents.personal_data.AuthorData",
    "users.personal_data.audit.AuditData",
    "users.personal_data.accounts.AccountData",
]
