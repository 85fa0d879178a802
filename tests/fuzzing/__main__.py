"""Requests made up from the API's own description: python -m tests.fuzzing [--examples 3]

Schemathesis asks a server of its own, with all of its checks, as nobody, as a user and as an admin: no request may make
the server fail, or be answered with a status that is not described or a body of another form. What ends the session
that asks comes last.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import django

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
        os.environ |= {**_SETTINGS, "DATA_DIR": folder, "MODEL_DIR": str(ROOT / "var" / "models")}
        django.setup()
        tokens = _prepare()
        with served() as server:
            codes = [_ask(server.address, who, token, options.examples, folder) for who, token in tokens.items()]
    return max(codes)


def _prepare() -> dict[str, str]:
    """Who asks, with an access token."""
    from django.core.management import call_command

    from users.login_sessions import tokens_issue
    from users.models import Role
    from users.services import account_create

    call_command("migrate", verbosity=0)
    call_command("populate_documents", verbosity=0)
    tokens = {"nobody": ""}
    for role in (Role.USER, Role.ADMIN):
        user = account_create(username=role, email=f"{role}@example.org", password=f"{role} of {role}", role=role)
        tokens[role.value] = tokens_issue(user=user).access
    return tokens


def _ask(address: str, who: str, token: str, examples: int, folder: str) -> int:
    header = ["--header", f"Authorization: Bearer {token}"] if token else []
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(_CONFIG),
        "run", f"{address}/api/schema/", "--max-examples", str(examples), "--continue-on-failure", "--no-color",
        "--phases", "examples,coverage,fuzzing", *header,
    ]  # fmt: skip
    print(f"\n=== As {who} ===", flush=True)  # noqa: T201
    without = [part for name in _LAST for part in ("--exclude-operation-id", name)]
    only = [part for name in _LAST for part in ("--include-operation-id", name)]
    return max(subprocess.call([*command, *part], cwd=folder) for part in (without, only))


if __name__ == "__main__":
    sys.exit(main())
