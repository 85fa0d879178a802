"""Questions that were refused or badly answered, kept for the editors, who may want to write what is missing."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Model, QuerySet
from django.utils import timezone

from documents.models import Collection
from rag.lexical.analysis import terms, words
from rag.models import KnowledgeGap
from rag.retrieval import Scope
from users.audit import audit_record
from users.models import User
from utils.marks import mark

_LENGTH = 1000


def gap_record(*, question: str, scope: Scope, refusal: Mapping[str, Any], asker: Model) -> None:
    """Count a refused question. The same words asked again within the same collections are the same gap.

    ``refusal`` is what the answer's metadata say of it. Nothing is kept of an asker who is gone by now.
    """
    _count("times", question, scope, refusal, asker)


def gap_rated(*, question: str, scope: Scope, answer: Mapping[str, Any], asker: Model) -> None:
    """Count a question whose answer is rated as not helpful; ``answer`` as ``refusal`` of :func:`gap_record`."""
    _count("not_helpful", question, scope, answer, asker)


def gap_unrated(*, question: str, scope: Scope) -> None:
    """Such a rating was taken back."""
    gaps = KnowledgeGap.objects.filter(key=_key(question, _slugs(scope)))
    gaps.filter(not_helpful__gt=0).update(not_helpful=F("not_helpful") - 1)
    gaps.filter(not_helpful=0, times=0).delete()


def _slugs(scope: Scope) -> list[str]:
    return list(Collection.objects.filter(pk__in=scope.collections).order_by("slug").values_list("slug", flat=True))


def _count(field: str, question: str, scope: Scope, refusal: Mapping[str, Any], asker: Model) -> None:
    slugs = _slugs(scope)
    told = {
        "confidence": refusal.get("confidence", 0.0),
        "best_score": refusal.get("best_score", 0.0),
        "nearest": refusal.get("closest", []),
        "last_asked": timezone.now(),
    }
    counted = {"times": 0, field: 1}
    first = {"question": question[:_LENGTH], "collections": slugs, "asker": asker_mark(asker), **counted, **told}
    with transaction.atomic():
        if days := settings.KEPT_DAYS["gaps"]:
            gaps_old(before=timezone.now() - timedelta(days=days)).delete()
        # The lock: who is being erased at this moment is gone when it is had.
        if not type(asker)._default_manager.select_for_update(no_key=True).filter(pk=asker.pk).exists():
            return
        gap, new = KnowledgeGap.objects.get_or_create(key=_key(question, slugs), defaults=first)
        if not new:
            KnowledgeGap.objects.filter(pk=gap.pk).update(**{field: F(field) + 1}, **told)
            # What was published for it does not answer it.
            KnowledgeGap.objects.filter(pk=gap.pk, document__published__isnull=False).update(document=None)


@transaction.atomic
def gaps_resolve(*, gaps: Iterable[KnowledgeGap], actor: User | None = None) -> int:
    """As :func:`gap_resolve`, all or none of them. Returns how many."""
    resolved = 0
    for gap in gaps:
        gap_resolve(gap=gap, actor=actor)
        resolved += 1
    return resolved


@transaction.atomic
def gap_resolve(*, gap: KnowledgeGap, actor: User | None = None) -> None:
    """Take it off the list. It comes back if it is asked again and still not answered."""
    # Without its words, which are somebody's.
    audit_record(actor=actor, action="gap.resolve", object_type="gap", object_id=str(gap.pk))
    gap.delete()


def asker_mark(asker: Model) -> str:
    """By which the words of somebody's questions are found to be erased. It tells nobody who that is."""
    return mark("asker", asker._meta.label, asker.pk)


def gaps_of(asker: Model) -> QuerySet[KnowledgeGap]:
    """Those whose words are this asker's: they asked first."""
    return KnowledgeGap.objects.filter(asker=asker_mark(asker))


def gaps_claim(*, asker: Model, by: Model) -> None:
    """Somebody turns out to be somebody else: a visitor who has logged in."""
    gaps_of(asker).update(asker=asker_mark(by))


def gaps_old(*, before: datetime) -> QuerySet[KnowledgeGap]:
    """Those that nobody has asked since."""
    return KnowledgeGap.objects.filter(last_asked__lt=before)


def _key(question: str, slugs: list[str]) -> str:
    said = sorted(set(terms(question))) or sorted(set(words(question))) or [question]
    return hashlib.sha256("\n".join([" ".join(said), *slugs]).encode()).hexdigest()
