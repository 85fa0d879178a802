"""A throw-away installation for each dataset, apart from the real one."""

import hashlib
import os
from pathlib import Path

from django.conf import settings


def scratch_environment(directory: Path) -> dict[str, str]:
    """The environment of a process that works in the installation of this dataset, which is made if there is none."""
    directory = directory.resolve()
    scratch = settings.DATA_DIR / "evaluations" / f"{directory.name}-{hashlib.sha256(bytes(directory)).hexdigest()[:8]}"
    scratch.mkdir(parents=True, exist_ok=True)
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.scratch",
        "DATA_DIR": str(scratch),
        "MODEL_DIR": str(settings.RAG["MODEL_DIR"]),
    }
