"""Runs the suite as `make test` does: on SQLite, and on PostgreSQL with Redis where they answer.

``REQUIRE_SERVICES=1`` makes their absence a failure. ``COVERAGE=1`` measures coverage in the first run, which takes
half as long again then; what is marked ``no_cover`` is not measured. ``TEST_DATABASE_URL`` and ``TEST_REDIS_URL`` say
where they are.

What is marked ``once`` is left out of the second run: it cannot differ there. Such a test fails where it asks the
database anything.
"""

import os
import subprocess
import sys

import psycopg
import redis

POSTGRESQL = os.environ.get("TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/15")
ENVIRONMENT = {
    **os.environ,
    "ENV_FILE": os.devnull,
    "DATABASE_URL": "",
    "REDIS_URL": "",
    # The tests are what keeps the cores busy; threads that share one sum only get in each other's way.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    # The product is started a hundred times: compiled by the first of them, not by each.
    "PYTHONDONTWRITEBYTECODE": "",
}


def main() -> int:
    trouble = _trouble()
    if trouble and os.environ.get("REQUIRE_SERVICES"):
        print(f"PostgreSQL and Redis are required: {trouble}", file=sys.stderr)  # noqa: T201
        return 1
    coverage = bool(os.environ.get("COVERAGE"))
    code = _run("SQLite, no services", {}, *(["--cov", "--cov-report="] if coverage else []))
    if trouble:
        print(f"Not run on PostgreSQL and Redis: {trouble}", file=sys.stderr)  # noqa: T201
    else:
        services = {"DATABASE_URL": POSTGRESQL, "REDIS_URL": REDIS}
        code = _run("PostgreSQL and Redis", services, "-m", "not once") or code
    if coverage:
        code = subprocess.call([sys.executable, "-m", "coverage", "report"]) or code
    return code


def _trouble() -> str:
    try:
        psycopg.connect(POSTGRESQL, connect_timeout=2).close()
        with redis.Redis.from_url(REDIS, socket_connect_timeout=2) as client:
            client.ping()
    except (psycopg.Error, redis.RedisError) as error:
        return str(error).strip()
    return ""


def _run(name: str, services: dict[str, str], *options: str) -> int:
    print(f"\n=== {name} ===", flush=True)  # noqa: T201
    command = [sys.executable, "-m", "pytest", "-n", "3", "--dist", "worksteal", *options, *sys.argv[1:]]
    return subprocess.call(command, env={**ENVIRONMENT, **services})


if __name__ == "__main__":
    sys.exit(main())
