"""The file ``.env.example``, made of what config/env.py says: ``python -m config.example > .env.example``."""

from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from pydantic.fields import FieldInfo

from config.env import BASE_DIR, Environment

_WIDTH = 118
_REQUIRED = ("secret_key", "jwt_signing_key", "allowed_hosts", "database_url", "redis_url", "email_url", "public_url")
_HEAD = """\
# Every variable of Grounded. Those on top are needed in production; of the others the default is shown.
# A value may be in a file instead: SECRET_KEY_FILE=/run/secrets/secret_key. See the handbook, "Configure Grounded".
# Made by: python -m config.example > .env.example

# Which settings: this one must be in the environment itself, not only in a file .env.
DJANGO_SETTINGS_MODULE=config.settings.production
# Processes that serve; gunicorn reads this one, and more of its options from GUNICORN_CMD_ARGS.
WEB_CONCURRENCY=2
"""


def example() -> str:
    fields = Environment.model_fields
    lines = [_HEAD]
    for name in _REQUIRED:
        lines += [*_described(fields[name]), f"{name.upper()}=", ""]
    for name, field in fields.items():
        if name not in _REQUIRED:
            lines += [*_described(field), f"#{name.upper()}={_written(field.default)}", ""]
    return "\n".join(lines).rstrip() + "\n"


def _described(field: FieldInfo) -> Iterator[str]:
    for line in wrap(field.description or "", _WIDTH):
        yield f"# {line}"


def _written(value: Any) -> str:
    """As the environment takes it."""
    if isinstance(value, dict):
        return ",".join(f"{key}={'/'.join(map(str, limit))}" for key, limit in value.items())
    if isinstance(value, list):
        return ",".join(map(str, value))
    if value == BASE_DIR / "var":
        return "var"
    return "" if value is None else str(value)


if __name__ == "__main__":
    print(example(), end="")  # noqa: T201
