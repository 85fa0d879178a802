"""Trying out that a backup can be restored, beside the installation and without touching it.

A process of its own (scratch.py) restores it into a SQLite database in a folder that is thrown away, whatever database
the installation has. It is told no key of a provider and no address of Redis or a database.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from background_tasks.backups.errors import BackupRefused
from background_tasks.backups.keeping import alone
from background_tasks.backups.stores import located
from documents.sandbox import plain_environment


def backup_rehearse(*, name: str = "") -> Mapping[str, int]:
    """Restore a backup, the newest if it has no name, ask its indexes, and throw it away. Returns what there was.

    Raises BackupRefused with what went wrong, StoreUnavailable.
    """
    _, found = located(name)
    place = Path(settings.DATA_DIR) / "rehearsal"
    with alone():
        shutil.rmtree(place, ignore_errors=True)  # of one that was killed
        place.mkdir(mode=0o700, parents=True)
        try:
            done = subprocess.run(  # noqa: S603 - our own module
                [sys.executable, "-m", "background_tasks.backups.scratch", name or found],
                cwd=settings.BASE_DIR,
                env=_environment(place),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
            )
        finally:
            shutil.rmtree(place, ignore_errors=True)
    if done.returncode:
        raise BackupRefused(f"{found} could not be restored in a rehearsal: {_last_line(done.stderr)}")
    counts: dict[str, int] = json.loads(_last_line(done.stdout))
    return counts


def _environment(place: Path) -> dict[str, str]:
    backups = settings.BACKUPS
    told = {
        "DJANGO_SETTINGS_MODULE": "config.settings.scratch",
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(place),
        "MODEL_DIR": str(settings.RAG["MODEL_DIR"]),
        "SECRET_KEY": settings.SECRET_KEY,
        "AUDIT_KEY": settings.AUDIT_KEY,
        "BACKUP_DIR": str(Path(backups["DIR"]).resolve()),
        "BACKUP_URL": backups["URL"],
        "BACKUP_S3_KEY": backups["S3_KEY"],
        "BACKUP_S3_SECRET": backups["S3_SECRET"],
        "BACKUP_PASSPHRASE": backups["PASSPHRASE"],
    }
    return plain_environment() | told


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it ended without a word."])[-1]
