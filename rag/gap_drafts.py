"""From what was asked in vain to what answers it: a draft to be written, or a golden question."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import slugify

from documents.models import Collection, Document
from rag.gap_groups import Group
from rag.models import KnowledgeGap
from rag.services import text_submit
from users.models import User
from utils.errors import NotFound

MOST = 500
"""Gaps that are named at once."""
_OUTLINE = "# {title}\n\n<!-- Write the answer here. What people asked stands above this text on the admin site. -->\n"


def gaps_named(ids: str) -> list[KnowledgeGap]:
    """Of ``1,2,3`` those that are still there, in this order. Raises NotFound if none is."""
    wanted = [int(part) for part in ids.split(",")[:MOST] if part.isascii() and part.isdigit() and len(part) < 19]
    known: QuerySet[KnowledgeGap] = KnowledgeGap.objects.select_related("document")
    found = known.in_bulk(wanted)
    if not found:
        raise NotFound("These questions are no knowledge gaps any more.")
    return [found[key] for key in dict.fromkeys(wanted) if key in found]


def collection_suggested(group: Group) -> Collection | None:
    """Where its answer belongs, most likely: where the nearest document is."""
    near = group.nearest
    return Collection.objects.filter(documents__pk=near["document_id"]).first() if near else None


def question_suggested(gaps: Sequence[KnowledgeGap]) -> dict[str, Any]:
    """The fields of a golden question: masked, since golden questions are kept when the asker is gone."""
    group = Group(gaps)
    document = group.draft or Document.objects.filter(pk__in=[(group.nearest or {}).get("document_id")]).first()
    return {"text": group.example, "documents": [document.pk] if document else []}


@transaction.atomic
def gaps_draft(*, gaps: Sequence[KnowledgeGap], title: str, collection: Collection, author: User) -> Document:
    """A new document with nothing but its title, as a draft. Once it is published, these are no gaps any more.

    It holds nobody's words but the editor's: the questions are shown beside it as long as they are kept, and go when
    whoever asked them is erased.
    """
    title = " ".join(title.split())
    submitted = text_submit(
        author=author,
        title=title,
        content=_OUTLINE.format(title=title),
        collection=collection.slug,
        source_uri=f"gap/{slugify(title)[:60] or 'answer'}-{uuid4().hex[:8]}",
        note="To be written for knowledge gaps",
        publish=False,
    )
    document = submitted.documents[0]
    KnowledgeGap.objects.filter(pk__in=[gap.pk for gap in gaps]).update(document=document)
    return document
