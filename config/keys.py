"""Keys that an installation without configuration makes for itself, and keeps in files that its owner alone can read.

A file holds one key a line. The first is in use; the others were before it, each with the time (seconds since 1970)
when it was replaced.
"""

import os
import secrets
import time
from pathlib import Path


def key_make() -> str:
    return secrets.token_urlsafe(64)


def local_keys(path: Path) -> list[str]:
    """The keys kept in ``path``, the one in use first; it is made on first use.

    Several processes may start at once: the one that creates the file wins and the others read it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        temporary = _written(path, key_make())
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return [line.split()[0] for line in path.read_text(encoding="ascii").splitlines()]


def local_key_rotate(path: Path, *, keep_seconds: float) -> int:
    """Put a new key in use; those that were in the last ``keep_seconds`` stay behind it. How many stay is returned."""
    now = time.time()
    local_keys(path)
    used, *former = path.read_text(encoding="ascii").splitlines()
    lines = [line for line in (f"{used.split()[0]} {int(now)}", *former) if now - float(line.split()[1]) < keep_seconds]
    _written(path, "\n".join((key_make(), *lines))).replace(path)
    return len(lines)


def _written(path: Path, text: str) -> Path:
    """A new file beside ``path``, to be put in its place whole."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
    return temporary
