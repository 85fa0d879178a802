"""``python -m tests.documentation``, or ``make docs``: writes what is drawn from the code."""

import os
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
django.setup()

from tests.documentation.drawing import drawn  # noqa: E402 - the models must be loaded first

for path, text in drawn().items():
    Path(path).write_text(text)
