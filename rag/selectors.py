"""What may be read of the indexes and their work."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone

from documents import selectors as documents
from documents.models import PENDING_STATES, Chunk, Document, Job, State
from rag.boundaries import embedder, one_choice, vector_store
from rag.errors import ProviderError
from rag.feed import Follower
from rag.followers import followers
from rag.models import DATABASE_PARTS, IndexCheck, KnowledgeGap, QuestionRun
from utils.errors import NotFound


def job_progress(*, job: Job) -> Mapping[str, Any]:
    """How far a job is; failed if it has ended and a file of it could not be indexed."""
    versions = job.versions.defer("text")
    done = Q(state__in=[State.DRAFT, State.PUBLISHED, State.SUPERSEDED])
    pending = Q(state__in=PENDING_STATES)
    counts = versions.aggregate(
        total=Count("pk"),
        done=Count("pk", filter=done),
        pending=Count("pk", filter=pending),
        begun=Count("pk", filter=pending & ~Q(state=State.QUEUED)),
        chunks_done=Sum("chunk_count", filter=done, default=0),
        chunks_embedded=Sum("embedded_count", default=0),
        chunks_total=Sum("chunk_count", default=0),
    )
    states = versions.values_list("state").annotate(Count("pk")).order_by("state")
    failed = list(versions.exclude(error_code="").exclude(pending).order_by("id"))  # not indexed, or not published
    ended = "failed" if failed else "done"
    going = "running" if counts["begun"] or counts["done"] or failed else "pending"
    return {
        "state": going if counts["pending"] else ended,
        "documents_done": counts["done"],
        "documents_total": counts["total"],
        "chunks_done": counts["chunks_done"],
        "chunks_embedded": counts["chunks_embedded"],
        "chunks_total": counts["chunks_total"],
        "states": dict(states),
        "seconds_left": _seconds_left(job, counts),
        "errors": [
            {
                "document": version.document_id,
                "file_name": version.file_name,
                "code": version.error_code,
                "detail": version.error_detail,
            }
            for version in failed
        ],
    }


def _seconds_left(job: Job, counts: Mapping[str, int]) -> int | None:
    """At the speed so far, of chunks where they are known and of documents where they are not; None: not known yet."""
    if not counts["pending"]:
        return 0
    ended = 1 - counts["pending"] / counts["total"]
    embedded = counts["chunks_embedded"] / counts["chunks_total"] if counts["chunks_total"] else 0.0
    begun = (counts["total"] - counts["pending"] + counts["begun"]) / counts["total"]
    done = max(ended, embedded * begun)
    return round((timezone.now() - job.created_at).total_seconds() * (1 - done) / done) if done else None


def question_run_get(*, run_id: int) -> QuestionRun:
    """Raises NotFound."""
    try:
        return QuestionRun.objects.get(pk=run_id)
    except QuestionRun.DoesNotExist:
        raise NotFound("No run has this id.") from None


def gap_get(*, gap_id: int) -> KnowledgeGap:
    """Raises NotFound."""
    try:
        return KnowledgeGap.objects.get(pk=gap_id)
    except KnowledgeGap.DoesNotExist:
        raise NotFound("No knowledge gap has this id.") from None


def status() -> Mapping[str, Any]:
    """What embeds, what is searched, and whether every index holds what the database has."""
    with one_choice():
        model, store, now, indexes = embedder(), vector_store(), documents.point(), followers()
    return {
        "embedder": model.name if model else None,
        "dimensions": model.dimensions if model else None,
        "store": type(store).__name__ if store else None,
        "revision": now.revision,
        "documents": Document.objects.filter(published__isnull=False).count(),
        "chunks": Chunk.objects.filter(version__published_in__isnull=False).count(),
        "versions": documents.states_count(),
        "indexes": [_index_state(follower, now) for follower in indexes],
        "last_check": _last_check([*DATABASE_PARTS, *(follower.name for follower in indexes)]),
    }


def _last_check(parts: Sequence[str]) -> Mapping[str, Any] | None:
    """The newest check of each part that has come to its end."""
    ended = IndexCheck.objects.filter(ended__isnull=False)
    checks = [check for part in parts if (check := ended.filter(index=part).first())]
    if not checks:
        return None
    return {
        "ended": max(check.ended for check in checks if check.ended),
        "faults": sum(check.faults for check in checks),
        "left": sum(check.left for check in checks),
        "parts": checks,
    }


def _index_state(follower: Follower, now: documents.Point) -> Mapping[str, Any]:
    try:
        count = follower.count()
    except ProviderError:
        count = None
    return {"name": follower.name, "count": count, "lag": follower.lag(now)}
