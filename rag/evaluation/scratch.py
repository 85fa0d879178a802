"""Throw-away installations below DATA_DIR, apart from the real one: a database, files and indexes of their own."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings


def scratch_name(dataset: Path) -> str:
    """Names the installation of a dataset, which a second run finds again."""
    directory = dataset.resolve()
    return f"{directory.name}-{hashlib.sha256(bytes(directory)).hexdigest()[:8]}"


def scratch_environment(name: str) -> dict[str, str]:
    """The environment of a process that works in this installation, which is made if there is none."""
    scratch = settings.DATA_DIR / "evaluations" / name
    scratch.mkdir(parents=True, exist_ok=True)
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.scratch",
        "DATA_DIR": str(scratch),
        "MODEL_DIR": str(settings.RAG["MODEL_DIR"]),
    }


def run_in_scratch(name: str, arguments: Sequence[str | Path]) -> int:
    """Run ``manage.py`` again in this installation. Returns its exit code."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *map(str, arguments)]
    return subprocess.call(command, env=scratch_environment(name))  # noqa: S603 - ourselves
