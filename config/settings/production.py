"""Behind TLS, with keys and services given by the environment. `manage.py check --deploy` is clean here."""

from ipaddress import ip_network

from django.core.exceptions import ImproperlyConfigured

from config.settings.base import *
from config.settings.base import ALLOWED_HOSTS, ENV, JWT_PREVIOUS_KEYS, JWT_SIGNING_KEY, SECRET_KEY
from config.settings.logs import logging_as

_MAKE_ONE = "python -c 'import secrets; print(secrets.token_urlsafe(64))' makes one"

if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5 or SECRET_KEY.startswith("django-insecure-"):
    raise ImproperlyConfigured(f"Set SECRET_KEY to a random text of 50 characters or more ({_MAKE_ONE}).")
if len(JWT_SIGNING_KEY.encode()) < 32 or len(set(JWT_SIGNING_KEY)) < 5:
    raise ImproperlyConfigured(f"Set JWT_SIGNING_KEY to a random text of 32 bytes or more ({_MAKE_ONE}).")
if any(len(key.encode()) < 32 for key in JWT_PREVIOUS_KEYS):
    raise ImproperlyConfigured("Set JWT_PREVIOUS_KEYS to keys of 32 bytes or more, with commas between, or to nothing.")
if JWT_SIGNING_KEY == SECRET_KEY:
    raise ImproperlyConfigured(f"Set JWT_SIGNING_KEY to a key of its own, not that of SECRET_KEY ({_MAKE_ONE}).")
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("Set ALLOWED_HOSTS to the host names that the server answers to, with commas between.")

LOGGING = logging_as(ENV.log_format or "json", ENV.log_level)
REQUIRE_VERIFIED_EMAIL = ENV.require_verified_email is not False

SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^api/health/?$", r"^api/ready/?$", r"^metrics/?$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
TRUSTED_PROXIES = ENV.trusted_proxies or [ip_network("127.0.0.1"), ip_network("::1")]  # a proxy on this machine
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
