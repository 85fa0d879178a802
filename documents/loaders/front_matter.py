"""The fields that some write above their Markdown."""

import re

# The first line must look like a field: a document may also begin with a thematic break.
_FRONT_MATTER = re.compile(r"\s*---[ \t]*\n(?=[\w-]+[ \t]*:)(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title[ \t]*:(.*)$", re.MULTILINE | re.IGNORECASE)


def front_matter(source: str) -> tuple[str, str]:
    """The title that the fields at the beginning name, if they do, and the text without them."""
    front = _FRONT_MATTER.match(source)
    if front is None:
        return "", source
    found = _FRONT_TITLE.search(front[1])
    return found[1].strip(" \t\"'") if found else "", source[front.end() :]
