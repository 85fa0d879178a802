"""The boundary to whatever knows more of a cited place than where it stands in its document."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from chat.models import Citation
from documents.handbook.pages import page_address
from rag.context import Source


def places_told(sources: Sequence[Source]) -> Sequence[Mapping[str, Any]]:
    """JSON for each source, that goes into the ``metadata`` of its citation; mostly nothing."""
    tell: Callable[[Sequence[Source]], Sequence[Mapping[str, Any]]] = import_string(settings.CITATION_PLACES)
    return tell(sources)


def address_of(citation: Citation) -> str:
    """Where a person can read what is cited: on the web, or in the handbook at its heading; else empty."""
    if citation.source_uri.startswith(("https://", "http://")):
        return citation.source_uri
    return page_address(source_uri=citation.source_uri, title=citation.title, heading=citation.heading)
