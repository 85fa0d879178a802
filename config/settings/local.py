"""One machine, no keys, no services: what `make run` starts."""

from config.keys import local_keys
from config.settings.base import *
from config.settings.base import DATA_DIR, ENV, JWT_SIGNING_KEY, SIMPLE_JWT

DEBUG = False
ALLOWED_HOSTS = ENV.allowed_hosts or ["localhost", "127.0.0.1", "[::1]"]
SECRET_KEY = ENV.secret_key or local_keys(DATA_DIR / "keys" / "secret")[0]
if not ENV.jwt_signing_key:
    JWT_KEY_FILE = DATA_DIR / "keys" / "jwt"
    JWT_SIGNING_KEY, *JWT_PREVIOUS_KEYS = [*local_keys(JWT_KEY_FILE), *ENV.jwt_previous_keys]
SIMPLE_JWT["SIGNING_KEY"] = JWT_SIGNING_KEY

if not ENV.email_url:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"
PUBLIC_URL = ENV.public_url or "http://127.0.0.1:8000"

STATIC_ROOT = None  # served from where the packages have them: nothing to collect
WHITENOISE_USE_FINDERS = True
DEMO_ACCOUNT = True
