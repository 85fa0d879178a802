"""Commands that work in an installation of their own."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings


def run_in_scratch(name: str, arguments: Sequence[str | Path]) -> int:
    """Run ``manage.py`` again with a database, files and indexes that lie in ``evaluations/name``. Its exit code."""
    scratch = settings.DATA_DIR / "evaluations" / name
    scratch.mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.scratch",
        "DATA_DIR": str(scratch),
        "MODEL_DIR": str(settings.RAG["MODEL_DIR"]),
    }
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *map(str, arguments)]
    return subprocess.call(command, env=environment)  # noqa: S603 - ourselves
