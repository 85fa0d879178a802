"""Notes of erased accounts, outside the database: a restored backup knows nothing of what was erased since.

A note is a keyed hash (utils/marks.py). It tells nothing of the person, and is known again only beside the account.
"""

import os
import re
from datetime import UTC
from pathlib import Path

from django.conf import settings

from users.models import User
from utils.marks import mark

_NOTE = re.compile(r"[0-9a-f]{64}")


def account_mark(user: User) -> str:
    """By number and time of its making: numbers are given again after a backup was restored, to other people."""
    return mark("account", user.pk, user.date_joined.astimezone(UTC).isoformat())


def place() -> Path:
    return Path(settings.DATA_DIR) / "erased-accounts"


def noted() -> set[str]:
    """What a note cut short by a power failure may have been is passed over."""
    try:
        return set(_NOTE.findall(place().read_text(encoding="ascii", errors="replace")))
    except FileNotFoundError:
        return set()


def note(account: str) -> None:
    """Have it on the disk before this returns. What is noted already is not noted again."""
    if account in noted():
        return
    path = place()
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(file, f"\n{account}\n".encode())  # the line before may have been cut short
        os.fsync(file)
    finally:
        os.close(file)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
