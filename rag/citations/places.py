"""Whether what is cited stands where the citation says it does."""

import logging
from collections.abc import Mapping

from django.db.models.functions import Length, Substr

from documents.models import Version
from rag.context import Source

logger = logging.getLogger(__name__)


def stored(sources: Mapping[int, Source]) -> dict[int, Source]:
    """Those of the sources whose text is what their version, as the database has it now, holds at their offsets."""
    kept: dict[int, Source] = {}
    for marker, source in sources.items():
        # One stretch each: a version may have megabytes.
        rows = Version.objects.filter(pk=source.version.pk).annotate(
            stretch=Substr("text", source.start + 1, max(1, source.end - source.start)), length=Length("text")
        )
        row = rows.values_list("stretch", "length").first()
        if row and source.start < source.end <= row[1] and row[0] == source.text:
            kept[marker] = source
        else:
            logger.warning("Passage %s is not in its version any more and is not cited", source.chunk.pk)
    return kept
