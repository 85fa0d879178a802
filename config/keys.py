"""Keys that an installation without configuration makes for itself, once."""

import os
import secrets
from pathlib import Path


def local_key(path: Path) -> str:
    """The key kept in ``path``, made on first use and readable by the owner alone.

    Several processes may start at once: the one that creates the file wins and the others read it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    if not path.exists():
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(64))
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return path.read_text(encoding="ascii")
