"""What may be read of the sources."""

from uuid import UUID

from django.db.models import Count, Q, QuerySet

from documents.models import Source, SourceRun
from utils.errors import NotFound


def sources_all() -> QuerySet[Source]:
    """Every source with the number of its ``documents``."""
    documents = Count("pages", filter=Q(pages__document__isnull=False))
    return Source.objects.select_related("collection", "category").annotate(documents=documents).order_by("name", "id")


def source_get(*, source_id: UUID) -> Source:
    """Raises NotFound."""
    try:
        return sources_all().get(pk=source_id)
    except Source.DoesNotExist:
        raise NotFound("No source has this id.") from None


def runs_of(*, source_id: UUID) -> QuerySet[SourceRun]:
    """What its last syncs did, the newest first."""
    return source_get(source_id=source_id).runs.order_by("-started_at", "-id")
