"""Requests made up from the API's own description: python -m tests.fuzzing [--examples 3]

Schemathesis asks with all of its checks, as nobody, as a user and as an admin: no request may make the server fail, or
be answered with a status that is not described or a body of another form. What ends the session that asks comes last.
The three ask at the same time, each a server with data of its own, so what one does is nothing to the others.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import django
from django.core.management import call_command

from benchmarks.serving import ROOT, UNLIMITED, served

_CONFIG = Path(__file__).with_name("schemathesis.toml")
_LAST = ("session_close", "login_sessions_revoke")
_SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "config.settings.local",
    "ENV_FILE": os.devnull,
    "DATABASE_URL": "",
    "REDIS_URL": "",
    "LOG_LEVEL": "ERROR",
    # What is looked at is every answer but the one of a limit.
    "MESSAGES_A_MINUTE": "1000000",
    "VISITOR_MESSAGES_A_MINUTE": "1000000",
    "VISITOR_TOKENS_A_DAY": "0",
    "TOKENS_A_DAY_USER": "0",
    "LIMITS": UNLIMITED,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--examples", type=int, default=3, help="Made up for each operation.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared"
        os.environ |= {**_SETTINGS, "DATA_DIR": str(prepared), "MODEL_DIR": str(ROOT / "var" / "models")}
        django.setup()
        tokens = _prepare()
        schema = Path(folder) / "openapi.yaml"
        call_command("spectacular", file=str(schema))

        def ask(who: str) -> int:
            own = prepared.with_name(who)
            shutil.copytree(prepared, own)
            with served(DATA_DIR=str(own)) as server:
                return _ask(server.address, schema, who, tokens[who], options.examples)

        with ThreadPoolExecutor() as actors:
            return max(actors.map(ask, tokens))


def _prepare() -> dict[str, str]:
    """Who asks, with an access token."""
    from django.db import connections

    from users.login_sessions import tokens_issue
    from users.models import Role
    from users.services import account_create

    call_command("migrate", verbosity=0)
    call_command("populate_documents", verbosity=0)
    tokens = {"nobody": ""}
    for role in (Role.USER, Role.ADMIN):
        user = account_create(username=role, email=f"{role}@example.org", password=f"{role} of {role}", role=role)
        tokens[role.value] = tokens_issue(user=user).access
    connections.close_all()  # so that all of it is in the file
    return tokens


def _ask(address: str, schema: Path, who: str, token: str, examples: int) -> int:
    header = ["--header", f"Authorization: Bearer {token}"] if token else []
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(_CONFIG),
        "run", str(schema), "--url", address, "--max-examples", str(examples), "--continue-on-failure", "--no-color",
        "--phases", "examples,coverage,fuzzing", *header,
    ]  # fmt: skip
    without = [part for name in _LAST for part in ("--exclude-operation-id", name)]
    only = [part for name in _LAST for part in ("--include-operation-id", name)]
    codes = []
    for part in (without, only):
        done = subprocess.run([*command, *part], cwd=schema.parent, capture_output=True, text=True)
        codes.append(done.returncode)
        print(f"\n=== As {who} ===\n{done.stdout}{done.stderr}", flush=True)  # noqa: T201
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
