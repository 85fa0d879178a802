"""The boundary to whatever knows more of a cited place than where it stands in its document."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from rag.context import Source


def places_told(sources: Sequence[Source]) -> Sequence[Mapping[str, Any]]:
    """JSON for each source, that goes into the ``metadata`` of its citation; mostly nothing."""
    tell: Callable[[Sequence[Source]], Sequence[Mapping[str, Any]]] = import_string(settings.CITATION_PLACES)
    return tell(sources)
