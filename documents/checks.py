"""What `manage.py check` says about what sources may read."""

import os
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks

from documents.sources.addresses import Allowance


@checks.register(checks.Tags.compatibility)
def sources_can_be_read(app_configs: Sequence[Any] | None, **_: Any) -> list[checks.CheckMessage]:
    found: list[checks.CheckMessage] = []
    for folder in settings.SOURCES["FOLDERS"]:
        if not os.path.isabs(folder) or not os.path.isdir(folder):
            hint = "Name folders by their whole paths, with commas between."
            found.append(checks.Error(f"SOURCE_FOLDERS: {folder!r} is no folder.", hint=hint, id="documents.E001"))
    try:
        Allowance(tuple(settings.SOURCES["ALLOWED_PRIVATE"]))
    except ValueError as error:
        hint = "Name hosts (wiki.example.org) and networks (10.1.0.0/16), with commas between."
        found.append(checks.Error(f"SOURCE_ALLOWED_PRIVATE: {error}", hint=hint, id="documents.E002"))
    return found
