"""The admin site, loaded with the addresses: workers and commands start a quarter sooner without it."""

from typing import Any

from django.contrib.admin import autodiscover
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core import checks


class LateAdminConfig(SimpleAdminConfig):
    def ready(self) -> None:
        checks.register(_check, checks.Tags.admin)


def _check(**told: Any) -> list[checks.CheckMessage]:
    autodiscover()
    return [*check_dependencies(**told), *check_admin_app(**told)]
