"""The files in deploy/secrets that compose.yaml names, those that are not there yet: python3 deploy/make_secrets.py"""

import secrets
from pathlib import Path

FOLDER = Path(__file__).with_name("secrets")


def main() -> None:
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    for name in ("secret_key", "jwt_signing_key", "postgres_password"):
        _keep(name, secrets.token_urlsafe(64))
    password = (FOLDER / "postgres_password").read_text()
    _keep("database_url", f"postgres://grounded:{password}@postgres:5432/grounded")


def _keep(name: str, value: str) -> None:
    path = FOLDER / name
    if not path.exists():
        path.write_text(value)
        path.chmod(0o444)  # containers read it as another user; nobody else gets into the folder


if __name__ == "__main__":
    main()
