"""Where mails go, and what they say of this installation."""

from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.env import read

ENV = read()

PRODUCT_NAME: str = ENV.product_name
PUBLIC_URL: str = ENV.public_url or ""

_SCHEMES = {"smtp": 587, "smtps": 465, "smtp+plain": 25}
_server = urlsplit(ENV.email_url or "smtp:")
try:
    _port = _server.port
except ValueError:
    _port = 0
if _server.scheme not in _SCHEMES or _port == 0 or (ENV.email_url and not _server.hostname):
    raise ImproperlyConfigured(
        "EMAIL_URL: write smtp://user:password@host:587 (STARTTLS), smtps://user:password@host:465 (TLS) "
        "or smtp+plain://host:25 (not encrypted), with %-escapes in user and password"
    )

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = _server.hostname or ""
EMAIL_PORT = _port or _SCHEMES[_server.scheme]
EMAIL_HOST_USER = unquote(_server.username or "")
EMAIL_HOST_PASSWORD = unquote(_server.password or "")
EMAIL_USE_TLS = _server.scheme == "smtp"
EMAIL_USE_SSL = _server.scheme == "smtps"
EMAIL_TIMEOUT = 10  # seconds, for each step
DEFAULT_FROM_EMAIL = ENV.email_from or f"{PRODUCT_NAME} <noreply@{urlsplit(PUBLIC_URL).hostname or 'localhost'}>"
