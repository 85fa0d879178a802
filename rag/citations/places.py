"""Whether what is cited stands where the citation says it does."""

import logging
from collections.abc import Mapping

from django.db import connection

from rag.context import Source

logger = logging.getLogger(__name__)
_STRETCH = "SELECT %s, SUBSTR(text, %s, %s), LENGTH(text) FROM documents_version WHERE id = %s"


def stored(sources: Mapping[int, Source]) -> dict[int, Source]:
    """Those of the sources whose text is what their version, as the database has it now, holds at their offsets."""
    held = _held(sources)
    kept: dict[int, Source] = {}
    for marker, source in sources.items():
        stretch, length = held.get(marker, ("", 0))
        if source.start < source.end <= length and stretch == source.text:
            kept[marker] = source
        else:
            logger.warning("Passage %s is not in its version any more and is not cited", source.chunk.pk)
    return kept


def _held(sources: Mapping[int, Source]) -> dict[int, tuple[str, int]]:
    """By marker, what each version holds at the source's offsets, and its length, in one query.

    Of each the stretch alone: a version may have megabytes.
    """
    if not sources:
        return {}
    asked = [
        (marker, source.start + 1, max(1, source.end - source.start), source.version.pk)
        for marker, source in sources.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([_STRETCH] * len(asked)), [value for row in asked for value in row])
        return {marker: (stretch, length) for marker, stretch, length in cursor.fetchall()}
