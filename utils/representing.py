"""Objects as JSON by serializers that are made once: to make one takes longer than all that it then does."""

from collections.abc import Iterable
from typing import Any

from utils.serializers import BaseSerializer

_made: dict[type[BaseSerializer[Any]], BaseSerializer[Any]] = {}


def represented(kind: type[BaseSerializer[Any]], instance: Any) -> dict[str, Any]:
    """What ``kind(instance).data`` holds, for a kind that needs no context."""
    made = _made.get(kind) or _made.setdefault(kind, kind())
    told: dict[str, Any] = made.to_representation(instance)
    return told


def all_represented(kind: type[BaseSerializer[Any]], instances: Iterable[Any]) -> list[dict[str, Any]]:
    return [represented(kind, instance) for instance in instances]
