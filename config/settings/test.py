"""Settings of the test suite: quick password hashes, everything written to a folder that is thrown away."""

import atexit
import shutil
import tempfile
from ipaddress import ip_network
from pathlib import Path

from config.settings.base import *
from config.settings.base import (
    BACKUPS,
    BASE_DIR,
    DATABASES,
    ENV,
    INSTALLED_APPS,
    LIMITS,
    OIDC,
    RAG,
    SIMPLE_JWT,
    SOURCES,
    TUTORING,
)

DATA_DIR = Path(tempfile.mkdtemp(prefix="grounded-test-"))
atexit.register(shutil.rmtree, DATA_DIR, ignore_errors=True)
MEDIA_ROOT = DATA_DIR / "files"
METRICS_DIR = DATA_DIR / "metrics"
METRICS_TOKEN = SENTRY_DSN = OTEL_ENDPOINT = ""
METRICS_NETWORKS = [ip_network("127.0.0.0/8")]
STATIC_ROOT = DATA_DIR / "static"
RAG["INDEX_DIR"] = DATA_DIR / "indexes"
# What a developer's keys would turn on stays off; tests of the online path turn it on against loopback services.
RAG["EMBEDDER"] = "rag.embedders.local.LocalEmbedder"
RAG["VECTOR_STORE"] = "rag.stores.faiss.FaissStore"
RAG["GENERATORS"] = ["rag.generators.extractive.ExtractiveGenerator"]
RAG["SUPPORT_CHECKER"] = "rag.support.local.LocalSupportChecker"
RAG["UNSUPPORTED"] = "mark"
RAG["MODEL_DIR"] = ENV.model_dir or BASE_DIR / "var" / "models"  # built once, not by every run

TUTORING["CURRICULUM"] = "learning.tutoring.curriculum.database.DatabaseCurriculum"
BACKUPS = {
    **BACKUPS, "DIR": DATA_DIR / "backups", "URL": "", "PASSPHRASE": "", "SCRYPT_COST": 10, "KEEP": 8, "KEPT_DAYS": 0
}  # fmt: skip

SOURCES["REPOSITORIES"] = DATA_DIR / "repositories"
SOURCES["FOLDERS"] = SOURCES["ALLOWED_PRIVATE"] = []  # tests open what they need

SECRET_KEY = "a key of the test suite, which signs nothing that lasts"
JWT_SIGNING_KEY = "another key of the test suite, 32 bytes or more"
JWT_PREVIOUS_KEYS = []
AUTH_COOKIES = False
REQUIRE_SECOND_FACTOR_ROLES = []
OIDC = {**OIDC, "ISSUER": "", "ROLE_CLAIM": "", "ROLES": {}, "TRUST_SECOND_FACTOR": False}
SIMPLE_JWT["SIGNING_KEY"] = JWT_SIGNING_KEY
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
REQUIRE_VERIFIED_EMAIL = False
PUBLIC_URL = "http://testserver"
PRODUCT_NAME = "Grounded"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LIMITS = {name: (1000, seconds) for name, (_, seconds) in LIMITS.items()}  # all tests come from one address
JOB_SCHEDULES = {}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
DEMO_ACCOUNT = True
INSTALLED_APPS = [*INSTALLED_APPS, "tests"]  # for its command, with which tests that commit end

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, not memory: several processes and threads share it, as they do at a user's.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
    # Here as below no commit waits for the disk: tests kill processes, not the machine.
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
else:
    options = DATABASES["default"].setdefault("OPTIONS", {})
    options["options"] = f"{options.get('options', '')} -c synchronous_commit=off"
