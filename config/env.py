"""The one place that reads environment variables.

Every variable has a type, a default and a line of documentation here; settings modules read the values from
:func:`read` and nothing else in the project looks at ``os.environ``. A secret may also be given as a file: with
``NAME_FILE=/run/secrets/name`` the file's content is the value of ``NAME``. A file ``.env`` beside ``manage.py``, or
the one that ``ENV_FILE`` names, is read as well; the real environment wins over it.
"""

import os
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured
from pydantic import AfterValidator, BeforeValidator, Field, IPvAnyNetwork, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from config.job_schedules import schedules_read
from config.limits import DEFAULTS, limits_read
from config.prices import prices_read
from config.roles import days_by_role_read

# Before NumPy and FAISS are first loaded (config/settings/__init__.py). Their threads wait for one another, and burn a
# processor meanwhile, longer than a product of a few hundred vectors takes.
for _library in ("OPENBLAS", "OMP"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")

BASE_DIR = Path(__file__).resolve().parent.parent


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _origin(value: str) -> str:
    """As browsers send it: lower case, without a path."""
    origin = value.lower().rstrip("/")
    parts = urlsplit(origin)
    if parts.scheme not in ("http", "https") or not parts.hostname or origin != f"{parts.scheme}://{parts.netloc}":
        raise ValueError(f"{value!r} is no origin such as https://www.example.org")
    return origin


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{value!r} is no time zone such as Europe/Berlin") from None
    return value


def _telling(value: str) -> str:
    """Few letters would be met in what a tutor says anyway."""
    if sum(map(str.isalnum, value)) < 8:
        raise ValueError("a marker of 8 letters and digits or more is wanted")
    return value


CommaList = Annotated[list[str], NoDecode, BeforeValidator(_split)]

Origin = Annotated[str, AfterValidator(_origin)]
OriginList = Annotated[list[Origin], NoDecode, BeforeValidator(_split)]
NetworkList = Annotated[list[IPvAnyNetwork], NoDecode, BeforeValidator(_split)]
Schedules = Annotated[dict[str, str], NoDecode, BeforeValidator(schedules_read)]
Limits = Annotated[dict[str, tuple[int, int]], NoDecode, BeforeValidator(limits_read)]
Prices = Annotated[dict[str, tuple[float, float]], NoDecode, BeforeValidator(prices_read)]
TimeZone = Annotated[str, AfterValidator(_zone)]
DaysByRole = Annotated[dict[str, int], NoDecode, BeforeValidator(days_by_role_read)]


class _SecretFiles(PydanticBaseSettingsSource):
    """Values of ``NAME_FILE`` variables, of the environment or the settings file, read from the files they name."""

    def __init__(self, settings_cls: type[BaseSettings], *told: PydanticBaseSettingsSource) -> None:
        """``told``: where variables are named, the last one first believed."""
        super().__init__(settings_cls)
        self._said: dict[str, str | None] = {}
        for source in told:
            self._said.update(cast("EnvSettingsSource", source).env_vars)

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        variable = f"{field_name.upper()}_FILE"
        path = self._said.get(variable.lower())
        if not path:
            return None, field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").strip(), field_name, False
        except OSError as error:
            raise ImproperlyConfigured(f"{variable} names a file that cannot be read: {error}") from error

    def __call__(self) -> dict[str, Any]:
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


class Environment(BaseSettings):
    model_config = SettingsConfigDict(
        env_file=os.environ.get("ENV_FILE", BASE_DIR / ".env"),
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
    )

    secret_key: str = Field("", description="Django's signing key. Required in production, 50 characters or more.")
    jwt_signing_key: str = Field("", description="Key of the access tokens. Required in production, 32 bytes or more.")
    jwt_previous_keys: CommaList = Field(
        [], description="Keys whose tokens are still good though JWT_SIGNING_KEY is another now, with commas between."
    )
    auth_cookies: bool = Field(
        False, description="Keep refresh tokens in cookies that no script can read, for browsers."
    )
    audit_key: str = Field(
        "", description="Key of the audit trail and of the notes of erased accounts; made from SECRET_KEY if unset."
    )
    require_second_factor_roles: CommaList = Field(
        [], description="Roles whose accounts have to set up a second factor: editor,admin."
    )

    oidc_issuer: str = Field("", description="Address of an OpenID Connect provider; turns on single sign-on.")
    oidc_client_id: str = Field("", description="The name that the provider knows this installation by.")
    oidc_client_secret: str = Field("", description="What proves it; none for a public client.")
    oidc_name: str = Field("single sign-on", description="The provider as people know it: Sign in with NAME.")
    oidc_scopes: str = Field("openid email profile", description="What the provider is asked for.")
    oidc_role_claim: str = Field("", description="The claim that says who is an editor or an admin; unset: none does.")
    oidc_roles: CommaList = Field([], description="Roles by the claim's values: kb-editors=editor,kb-admins=admin.")
    oidc_trust_second_factor: bool = Field(
        False, description="Ask nobody for a second factor who comes from the provider: it has seen to that."
    )

    allowed_hosts: CommaList = Field([], description="Host names that the server answers to.")
    data_dir: Path = Field(BASE_DIR / "var", description="Everything written at run time lies under this folder.")
    model_dir: Path | None = Field(None, description="Where the built offline model is kept; unset: in DATA_DIR.")
    static_root: Path | None = Field(
        None, description="Where collectstatic puts the files of pages; unset: in DATA_DIR."
    )
    database_url: str = Field("", description="postgres://user:password@host:5432/name; unset: SQLite in DATA_DIR.")
    server_connections: int = Field(
        16, ge=2, description="Most connections to PostgreSQL that one server process opens."
    )
    redis_url: str = Field("", description="redis://host:6379/0; an in-process stand-in if unset.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="The least severe line logged.")
    log_format: Literal["text", "json"] | None = Field(
        None, description="Lines of text, or an object of JSON a line; unset: JSON in production, else text."
    )

    metrics_token: str = Field("", description="With it anybody may read /metrics: Authorization: Bearer TOKEN.")
    metrics_networks: NetworkList | None = Field(
        None, description="Who may read /metrics without the token; unset: this machine, where there is no token."
    )
    metrics_dir: Path | None = Field(
        None, description="Where the processes of this machine keep their numbers; unset: in DATA_DIR."
    )
    sentry_dsn: str = Field("", description="Address of a Sentry project; turns on the sending of errors.")
    otel_exporter_otlp_endpoint: str = Field(
        "", description="Address of an OpenTelemetry collector (OTLP over HTTP); turns on the sending of spans."
    )
    otel_service_name: str = Field("grounded", description="What the spans are sent as.")

    public_url: Origin | None = Field(None, description="Where people reach the server; links in mails begin with it.")
    product_name: str = Field("Grounded", description="What mails call the product.")
    require_verified_email: bool | None = Field(
        None, description="Whether an account logs in only once its address is verified; unset: in production only."
    )
    email_url: str = Field("", description="The mail server, such as smtp://user:password@host:587.")
    email_from: str = Field("", description="The sender of mails; made of the product's name and address if unset.")

    account_password: str = Field("", description="Password that create_account gives; asked for if unset.")

    parse_seconds: int = Field(60, ge=1, description="Seconds after which a file counts as one that cannot be read.")
    quarantine: bool = Field(
        True,
        description="Set documents aside that read like instructions to a language model, until an editor decides.",
    )
    ocr: bool = Field(True, description="Recognise text on scanned pages, where the program tesseract is installed.")

    mistral_api_key: str = Field("", description="Turns on Mistral for embeddings and answers.")
    mistral_server_url: str = Field("", description="Another address of the Mistral API, for a proxy.")
    mistral_chat_model: str = Field("mistral-small-latest", description="The model that writes answers.")
    mistral_embed_model: str = Field("mistral-embed", description="The model that embeds passages and questions.")
    openai_base_url: str = Field("", description="An OpenAI-compatible server, used where Mistral fails or is not set.")
    openai_api_key: str = Field("", description="Key of the OpenAI-compatible server.")
    openai_model: str = Field("", description="Model name on the OpenAI-compatible server.")
    rerank_url: str = Field("", description="Whole address of a rerank endpoint; turns on a second opinion on hits.")
    rerank_api_key: str = Field("", description="Key of the rerank endpoint.")
    rerank_model: str = Field("", description="Model name on the rerank endpoint.")
    rerank_timeout: float = Field(2, gt=0, description="Seconds after which a search goes on without the reranker.")
    pinecone_api_key: str = Field("", description="Turns on Pinecone as the vector store.")
    pinecone_index: str = Field("grounded", description="Name of the Pinecone index.")
    pinecone_host: str = Field("", description="Address of the index; looked up by its name if unset.")
    pinecone_controller_url: str = Field("", description="Another address of Pinecone's control plane, for a proxy.")
    pinecone_cloud: str = Field("aws", description="Cloud in which create_index makes the index.")
    pinecone_region: str = Field("us-east-1", description="Region in which create_index makes the index.")

    source_folders: CommaList = Field([], description="Folders that sources may read, with all that is below them.")
    source_allowed_private: CommaList = Field(
        [], description="Hosts and networks that sources may reach though they are not on the public web."
    )

    retrieval_top_k: int = Field(3, ge=1, le=50, description="Passages that an answer is written from.")
    retrieval_threshold: float = Field(
        0.5, ge=0, le=1, description="Confidence below which the knowledge base is taken not to hold the answer."
    )
    retrieval_false_refusals: float = Field(
        0.05, gt=0, le=0.5, description="Share of answerable questions that a calibration lets be refused."
    )
    unsupported: Literal["mark", "remove", "regenerate"] = Field(
        "mark", description="What becomes of sentences of an answer that no passage supports."
    )
    support_checker: Literal["local", "mistral"] = Field(
        "local", description="What judges whether a passage says what an answer says: rules, or the model that writes."
    )
    context_tokens: int = Field(2000, ge=200, description="Most tokens of passages that a prompt carries.")
    query_cache_seconds: int = Field(600, ge=0, description="How long a question's vector is kept; 0: not at all.")
    answer_cache_seconds: int = Field(300, ge=0, description="How long a whole answer is kept; 0: not at all.")
    provider_timeout: float = Field(30, gt=0, description="Seconds that one answer may take in all, retries included.")

    messages_a_minute: int = Field(30, ge=1, description="Questions that a user may ask in a minute.")
    tokens_a_day_user: int = Field(
        200_000, ge=0, description="Tokens of a provider that a user may use in a day; 0: no limit."
    )
    tokens_a_day_editor: int = Field(1_000_000, ge=0, description="The same for an editor.")
    tokens_a_day_admin: int = Field(0, ge=0, description="The same for an admin.")

    tutor_marker: Annotated[str, AfterValidator(_telling)] = Field(
        "[[TUTOR:TOPIC-MASTERED]]",
        description="What models write where a topic is mastered; never shown, never trusted.",
    )
    tutor_idle_days: int = Field(14, ge=1, description="Days without a message after which tutoring is given up.")
    curriculum_url: str = Field(
        "", description="A service that has the topics and takes completions; unset: the courses here."
    )
    curriculum_api_key: str = Field("", description="Key of that service.")
    curriculum_seconds: float = Field(
        8, gt=0, description="Seconds that a learner waits for that service, retries included."
    )
    agent_calls_a_day_free: int = Field(
        100, ge=0, description="Calls of the learning agents in 24 hours, by a learner of the tier free; 0: no limit."
    )
    agent_calls_a_day_plus: int = Field(500, ge=0, description="The same of the tier plus.")
    agent_calls_a_day_pro: int = Field(0, ge=0, description="The same of the tier pro.")
    agent_cache_seconds: int = Field(
        86_400, ge=0, description="How long what a model wrote for a learning agent is kept; 0: not at all."
    )

    limits: Limits = Field(
        DEFAULTS, description="How often things may be tried: login=5/60 is 5 times in 60 seconds; commas between."
    )

    visitor_origins: OriginList = Field(
        [],
        description="Websites whose pages may use the visitors' chat: https://www.example.org, with commas between.",
    )
    visitor_token_minutes: int = Field(
        120, ge=1, description="How long a visitor's token is good for; each answer brings a new one."
    )
    visitor_messages_a_minute: int = Field(20, ge=1, description="Questions from one address in a minute.")
    visitor_tokens_a_day: int = Field(
        200_000,
        ge=0,
        description="Tokens of a provider that the visitors of one website may use in a day; 0: no limit.",
    )
    visitor_kept_days: int = Field(
        30, ge=0, description="Days that visitors' questions and answers are kept; 0: for good."
    )
    conversations_kept_days: int = Field(
        30, ge=0, description="Days that users' questions and answers are kept; 0: for good."
    )
    conversations_kept_days_by_role: DaysByRole = Field(
        {}, description="The same for roles that differ: editor=365, admin=0."
    )
    traces_kept_days: int = Field(
        90, ge=0, description="Days that is kept what an answer was made of, for replays; 0: as long as the answer."
    )
    gaps_kept_days: int = Field(
        180, ge=0, description="Days after it was asked last that a refused question is kept; 0: for good."
    )
    access_records_kept_days: int = Field(
        90, ge=0, description="Days that spent API keys, refresh tokens and log-ins are kept; 0: for good."
    )
    unverified_accounts_kept_days: int = Field(
        30,
        ge=0,
        description="Days that an account may take to be verified, where that is required; 0: as many as it likes.",
    )
    interactions_kept_days: int = Field(
        90, ge=0, description="Days that is kept what the learning agents answered, and whether it helped; 0: for good."
    )
    job_runs_kept_days: int = Field(90, ge=0, description="Days that is kept when jobs ran; 0: for good.")
    audit_names_kept_days: int = Field(
        0, ge=0, description="Days after which the audit trail forgets who it was and from where; 0: never."
    )
    job_schedules: Schedules = Field(
        {}, description="When jobs run, where not as they come: tokens=0 4 * * *; retention=off."
    )
    trusted_proxies: NetworkList = Field(
        [], description="Addresses and networks of proxies whose X-Forwarded-For is believed."
    )

    report_time_zone: TimeZone = Field("UTC", description="Whose days the daily reports are of, such as Europe/Berlin.")
    report_unused_days: int = Field(
        30, ge=1, description="Days without a citation after which a document counts as not used."
    )
    model_prices: Prices = Field(
        {}, description="US dollars for a million tokens read and written: mistral-small=0.1/0.3; commas between."
    )

    mask_questions: bool = Field(True, description="Mask personal data and secrets in questions.")

    backup_dir: Path | None = Field(None, description="The folder that backups are kept in; unset: in DATA_DIR.")
    backup_url: str = Field(
        "", description="A bucket that they are kept in instead: s3://bucket/folder?endpoint=https://host&region=name."
    )
    backup_s3_key: str = Field("", description="Name of the bucket's access key.")
    backup_s3_secret: str = Field("", description="The access key itself.")
    backup_passphrase: str = Field("", description="What backups are encrypted with; unset: they are not.")
    backup_keep: int = Field(8, ge=1, description="How many backups are kept.")
    backup_kept_days: int = Field(
        0, ge=0, description="Days after which a backup goes though there are fewer; the newest stays; 0: never."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        files = _SecretFiles(settings_cls, dotenv_settings, env_settings)
        return init_settings, env_settings, files, dotenv_settings


@cache
def read() -> Environment:
    """The environment of this process. Raises ImproperlyConfigured with one line for each variable at fault."""
    try:
        return Environment()
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        raise ImproperlyConfigured("; ".join(lines)) from error
