"""Settings that hold everywhere; those of each room are in a module of its name.

What differs between machines comes from the environment (config/env.py).
"""

from ipaddress import ip_network
from pathlib import Path
from typing import Any

from config.env import BASE_DIR as BASE_DIR
from config.settings.admin_site import UNFOLD as UNFOLD
from config.settings.api import *
from config.settings.background_tasks import *
from config.settings.chat import *
from config.settings.databases import *
from config.settings.documents import *
from config.settings.environment import DATA_DIR as DATA_DIR
from config.settings.environment import ENV as ENV
from config.settings.headers import CONTENT_SECURITY_POLICIES as CONTENT_SECURITY_POLICIES
from config.settings.headers import PERMISSIONS_POLICY as PERMISSIONS_POLICY
from config.settings.learning import *
from config.settings.logs import logging_as
from config.settings.mail import *
from config.settings.rag import *
from config.settings.users import *

SECRET_KEY = ENV.secret_key
AUDIT_KEY = ENV.audit_key  # unset: made from SECRET_KEY (utils/marks.py)
ALLOWED_HOSTS = ENV.allowed_hosts
DEBUG = False
SCRATCH = False
DEMO_ACCOUNT = False

INSTALLED_APPS = [
    "unfold",  # the admin site's theme; before the site itself
    "config.admin.LateAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "utils",
    "users",
    "documents",
    "rag",
    "chat",
    "learning",
    "background_tasks",
]

MIDDLEWARE = [
    "utils.request_id.RequestIdMiddleware",
    "utils.client_address.ClientAddressMiddleware",
    "utils.security_headers.SecurityHeadersMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "utils.body_limits.BodyLimitMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "utils.static_files.StaticFilesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
TEST_RUNNER = "tests.runner.PytestRunner"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = "config.formats"
STATIC_URL = "static/"
STATIC_ROOT: Path | None = ENV.static_root or DATA_DIR / "static"
MEDIA_ROOT = DATA_DIR / "files"
# Of a body, before it is looked at (utils/body_limits.py). Forms with files may be larger, where files are handed in.
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
UPLOAD_MAX_BYTES = 64 * 1024 * 1024
UPLOAD_PATHS = (
    "/api/rag/index/",
    "/api/documents/",
    "/api/learning/courses/",
    "/api/learning/videos/",
    "/admin/",
)

# How often things may be tried (utils/limits.py).
LIMITS: dict[str, tuple[int, int]] = ENV.limits

# Who is believed about the address of a client (utils/client_address.py).
TRUSTED_PROXIES = ENV.trusted_proxies

# What processes tell of themselves (docs/observability.md). Numbers:
METRICS_TOKEN: str = ENV.metrics_token
METRICS_NETWORKS = ENV.metrics_networks or ([] if METRICS_TOKEN else [ip_network("127.0.0.0/8"), ip_network("::1")])
METRICS_DIR: Path = ENV.metrics_dir or DATA_DIR / "metrics"
# errors and spans, where they are turned on (utils/telemetry.py):
SENTRY_DSN: str = ENV.sentry_dsn
OTEL_ENDPOINT: str = ENV.otel_exporter_otlp_endpoint
OTEL_SERVICE: str = ENV.otel_service_name
# and the log.
LOGGING = logging_as(ENV.log_format or "text", ENV.log_level)
