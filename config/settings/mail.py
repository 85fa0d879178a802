"""Where mails go, and what they say of this installation."""

from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.env import read

_PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}


class Server(NamedTuple):
    host: str
    port: int
    user: str
    password: str
    starttls: bool
    tls: bool


def server_of(url: str) -> Server:
    """What EMAIL_URL says. Raises ImproperlyConfigured."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = 0
    if parts.scheme not in _PORTS or not parts.hostname or port == 0:
        raise ImproperlyConfigured(
            "EMAIL_URL: write smtp://user:password@host:587 (STARTTLS), smtps://user:password@host:465 (TLS) or "
            "smtp+plain://host:25 (not encrypted), with %-escapes in user and password."
        )
    return Server(
        parts.hostname,
        port or _PORTS[parts.scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        starttls=parts.scheme == "smtp",
        tls=parts.scheme == "smtps",
    )


ENV = read()
PRODUCT_NAME: str = ENV.product_name
PUBLIC_URL: str = ENV.public_url or ""

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
if ENV.email_url:
    EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD, EMAIL_USE_TLS, EMAIL_USE_SSL = server_of(
        ENV.email_url
    )
else:
    EMAIL_HOST = ""
EMAIL_TIMEOUT = 10  # seconds, for each step
DEFAULT_FROM_EMAIL = ENV.email_from or f"{PRODUCT_NAME} <noreply@{urlsplit(PUBLIC_URL).hostname or 'localhost'}>"
