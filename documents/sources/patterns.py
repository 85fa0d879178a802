"""Which pages of a source its editor wants."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any


def is_wanted(path: str, options: Mapping[str, Any]) -> bool:
    """Whether a path fits one of ``include``, if there are any, and none of ``exclude``.

    Patterns are those of a shell, where ``*`` also stands for slashes.
    """
    path = path.lstrip("/")
    include, exclude = options.get("include") or ["*"], options.get("exclude") or []
    return any(fnmatchcase(path, pattern.lstrip("/")) for pattern in include) and not any(
        fnmatchcase(path, pattern.lstrip("/")) for pattern in exclude
    )
