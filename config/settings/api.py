"""What all of the API has in common."""

from config.settings.environment import ENV

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

# The pages of other websites reach the addresses of visitors alone (chat/visitors/).
CORS_ALLOWED_ORIGINS: list[str] = ENV.visitor_origins
CORS_URLS_REGEX = r"^/api/chatbot/(ask/|session/|suggestions/|widget)"
CORS_ALLOW_METHODS = ["GET", "POST", "OPTIONS"]
CORS_ALLOW_HEADERS = ["accept", "authorization", "content-type", "idempotency-key", "x-request-id"]
CORS_EXPOSE_HEADERS = ["RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-ID"]
