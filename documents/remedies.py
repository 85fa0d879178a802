"""What to do about an error code, as the handbook says it."""

import re
from functools import cache
from pathlib import Path

_PAGE = Path(__file__).parent / "library" / "guide" / "errors.md"
_ROW = re.compile(r"^\| `(?P<code>\w+)` \|.*\| (?P<remedy>[^|]+) \|$", re.MULTILINE)


def remedy(code: str) -> str:
    """The last column of the handbook's tables, as a sentence in plain text; empty for a code that is not there."""
    found = _remedies().get(code, "").replace("`", "")
    return f"{found[0].upper()}{found[1:]}." if found else ""


@cache
def _remedies() -> dict[str, str]:
    return dict(_ROW.findall(_PAGE.read_text(encoding="utf-8")))
