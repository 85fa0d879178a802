"""System checks of what limits rest on."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register


@register(Tags.security, deploy=True)
def limits_shared(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    if "connection_class" not in settings.CACHES["limits"]["OPTIONS"]:
        return []
    return [
        checks.Warning(
            "There is no Redis, so each server process counts tries to log in and questions by itself.",
            hint="Set REDIS_URL, or run one server process.",
            id="utils.W001",
        )
    ]
