"""JSON bodies, whatever is in them."""

import math
import re
from collections.abc import Mapping
from typing import IO, Any

from rest_framework import parsers
from rest_framework.exceptions import ParseError

_UNSTORABLE = re.compile(r"[\0\ud800-\udfff]")


class JSONParser(parsers.JSONParser):
    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            body = super().parse(stream, media_type, parser_context)
            sane = storable(body)
        except RecursionError:
            # A bug elsewhere, but here the sender's doing: a hundred thousand opening brackets.
            raise ParseError("JSON parse error - nested too deeply") from None
        if not sane:
            raise ParseError("JSON parse error - a NUL character, half a surrogate pair or an infinite number")
        return body


def storable(value: object) -> bool:
    """Whether a database can keep it: PostgreSQL takes no NUL and no infinity, and UTF-8 has no lone surrogates."""
    if isinstance(value, str):
        return not _UNSTORABLE.search(value)
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(storable(key) and storable(item) for key, item in value.items())
    return not isinstance(value, list) or all(map(storable, value))
