"""Which tools there are: those that ``settings.CHAT["TOOLS"]`` names by dotted paths, in that order.

A room to the left adds its own by a line there, so nothing here imports it.
"""

from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from chat.tools.base import Tool
from users.models import User


@cache
def tools_all() -> tuple[Tool, ...]:
    """Raises ImproperlyConfigured for what is no tool, and for two of one name."""
    found: list[Tool] = []
    for path in settings.CHAT["TOOLS"]:
        tool = import_string(path)
        if not isinstance(tool, Tool):
            raise ImproperlyConfigured(f"{path} is no tool: decorate it with chat.tools.base.tool.")
        found.append(tool)
    if len({tool.spec.name for tool in found}) < len(found):
        raise ImproperlyConfigured("Two tools have one name.")
    return tuple(found)


def tools_for(user: User) -> dict[str, Tool]:
    """By name, those that the user's role may call."""
    return {tool.spec.name: tool for tool in tools_all() if user.role in tool.roles}


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "CHAT":
        tools_all.cache_clear()


setting_changed.connect(_forget)
