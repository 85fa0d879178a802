"""Questions that were refused, kept for the editors, who may want to write what is missing."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from documents.models import Collection
from rag.lexical.analysis import terms, words
from rag.models import KnowledgeGap
from rag.retrieval import Scope

KEPT = timedelta(days=180)
_LENGTH = 1000


def gap_record(*, question: str, scope: Scope, refusal: Mapping[str, Any]) -> KnowledgeGap:
    """Count a refused question. The same words asked again within the same collections are the same gap.

    ``refusal`` is what the answer's metadata say of it.
    """
    slugs = list(Collection.objects.filter(pk__in=scope.collections).order_by("slug").values_list("slug", flat=True))
    told = {
        "confidence": refusal.get("confidence", 0.0),
        "best_score": refusal.get("best_score", 0.0),
        "nearest": refusal.get("closest", []),
        "last_asked": timezone.now(),
    }
    with transaction.atomic():
        KnowledgeGap.objects.filter(last_asked__lt=timezone.now() - KEPT).delete()
        gap, new = KnowledgeGap.objects.get_or_create(
            key=_key(question, slugs), defaults={"question": question[:_LENGTH], "collections": slugs, **told}
        )
        if not new:
            KnowledgeGap.objects.filter(pk=gap.pk).update(times=F("times") + 1, **told)
    return gap


def gap_resolve(*, gap: KnowledgeGap) -> None:
    """Take it off the list. It comes back if it is asked again and still not answered."""
    gap.delete()


def _key(question: str, slugs: list[str]) -> str:
    said = sorted(set(terms(question))) or sorted(set(words(question))) or [question]
    return hashlib.sha256("\n".join([" ".join(said), *slugs]).encode()).hexdigest()
