"""Knowledge gaps that are about the same, so that editors write an answer once."""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
from django.db.models import QuerySet

from rag.boundaries import embedder, one_choice
from rag.embedders.base import Embedder, Vectors
from rag.errors import ProviderError
from rag.grouping import BY_MEANING, BY_WORDS, stars, word_vectors
from rag.lexical.languages import language_of
from rag.models import KnowledgeGap, Space
from rag.privacy.findings import EVERY
from rag.privacy.policy import worded
from rag.vectors import space_ensure, space_find

logger = logging.getLogger(__name__)
MOST = 5000
"""Gaps that are grouped, the most asked ones."""
MOST_WAITED_FOR = 64
"""Gaps that are embedded while somebody waits for a page; workers see to the others."""
_STORED = np.dtype("<f2")


@dataclass(frozen=True)
class Group:
    gaps: Sequence[KnowledgeGap]
    """The one that is nearest to the others first, then the most asked."""

    @property
    def ids(self) -> list[int]:
        return [gap.pk for gap in self.gaps]

    @property
    def times(self) -> int:
        """How often these questions were refused."""
        return sum(gap.times for gap in self.gaps)

    @property
    def not_helpful(self) -> int:
        """How many answers to them were rated as not helpful."""
        return sum(gap.not_helpful for gap in self.gaps)

    @property
    def met(self) -> int:
        return self.times + self.not_helpful

    @property
    def first_asked(self) -> datetime:
        return min(gap.first_asked for gap in self.gaps)

    @property
    def last_asked(self) -> datetime:
        return max(gap.last_asked for gap in self.gaps)

    @cached_property
    def example(self) -> str:
        return shown(self.gaps[0])

    @cached_property
    def examples(self) -> list[str]:
        return list(dict.fromkeys(map(shown, self.gaps)))

    @property
    def nearest(self) -> Mapping[str, str] | None:
        """The document that came closest most often: ``document_id`` and ``title``."""
        votes: Counter[tuple[str, str]] = Counter()
        for gap in self.gaps:
            for near in gap.nearest[:1]:
                votes[near["document_id"], near["title"]] += gap.times + gap.not_helpful
        best = max(votes, key=lambda near: (votes[near], near), default=None)
        return {"document_id": best[0], "title": best[1]} if best else None

    @property
    def draft(self) -> Any:
        """The document that is being written for it, if any."""
        return next((gap.document for gap in self.gaps if gap.document), None)


@dataclass(frozen=True, slots=True)
class Groups:
    groups: Sequence[Group]
    by_meaning: int
    """So many gaps were compared by meaning; the others by their words."""
    left_out: int
    """Gaps beyond MOST."""


def shown(gap: KnowledgeGap) -> str:
    """The question without personal data, on one line: for mails, and for what editors make of it."""
    return " ".join(worded(gap.question, EVERY).split())


def gaps_open() -> QuerySet[KnowledgeGap]:
    """Those for which nothing has been published."""
    return KnowledgeGap.objects.exclude(document__published__isnull=False)


def gaps_grouped(gaps: QuerySet[KnowledgeGap], *, wait_for: int = MOST_WAITED_FOR) -> Groups:
    """The most asked groups first. At most ``wait_for`` gaps are embedded for it; none goes unseen for want of that."""
    with one_choice():
        model = embedder()
        if model and wait_for:
            _embed(model, gaps, wait_for)
        space = space_find(model) if model else None
    found = list(gaps.select_related("document")[:MOST])
    meant = [gap for gap in found if space and gap.vector and gap.space == space.name]
    said = [gap for gap in found if not (space and gap.vector and gap.space == space.name)]
    groups = [
        *(_grouped(meant, _read(meant), _cosine(space)) if space and meant else ()),
        *(_grouped(said, word_vectors([gap.question for gap in said]), BY_WORDS) if said else ()),
    ]
    groups.sort(key=lambda group: (-group.met, -group.last_asked.timestamp(), group.ids))
    left_out = gaps.count() - len(found) if len(found) == MOST else 0
    return Groups(groups, len(meant), left_out)


def groups_of(ids: Iterable[Sequence[int]]) -> list[Group]:
    """Groups as they were once, of the gaps that are still there."""
    wanted = [list(group) for group in ids]
    known = KnowledgeGap.objects.select_related("document").in_bulk([key for group in wanted for key in group])
    found = ([known[key] for key in group if key in known] for group in wanted)
    return [Group(gaps) for gaps in found if gaps]


def gaps_embed(*, most: int = MOST_WAITED_FOR) -> int:
    """Give gaps their vectors, so that nobody waits for that: an idle worker's work. Returns how many were seen to."""
    with one_choice():
        model = embedder()
        return _embed(model, KnowledgeGap.objects.all(), most) if model else 0


def _embed(model: Embedder, gaps: QuerySet[KnowledgeGap], most: int) -> int:
    rows = list(gaps.exclude(space=model.name).order_by("-times", "-last_asked", "id")[:most])
    if not rows:
        return 0
    understood = [row for row in rows if model.languages is None or language_of(row.question) in model.languages]
    try:
        space = space_ensure(model)
        vectors = model.embed([row.question for row in understood], "query").astype(_STORED)
    except ProviderError as error:
        logger.warning("Knowledge gaps are grouped by their words for now: %s", error)
        return 0
    for row in rows:
        row.space, row.vector = space.name, None
    for row, vector in zip(understood, vectors, strict=True):
        row.vector = vector.tobytes()
    KnowledgeGap.objects.bulk_update(rows, ["space", "vector"], batch_size=100)
    return len(rows)


def _read(gaps: Sequence[KnowledgeGap]) -> Vectors:
    return np.stack([np.frombuffer(bytes(gap.vector or b""), dtype=_STORED).astype(np.float32) for gap in gaps])


def _cosine(space: Space) -> float:
    """The cosine that is :data:`BY_MEANING` on the scale of all spaces."""
    return BY_MEANING * (1 - space.unrelated) + space.unrelated


def _grouped(gaps: Sequence[KnowledgeGap], vectors: Vectors, near: float) -> list[Group]:
    return [
        Group([gaps[centre], *sorted((gaps[place] for place in others), key=_most_asked)])
        for centre, *others in stars(vectors, near=near)
    ]


def _most_asked(gap: KnowledgeGap) -> tuple[int, int]:
    return -gap.times - gap.not_helpful, gap.pk


def gaps_grouped_of(*, begins: datetime, ends: datetime) -> Groups:
    """Groups of the open gaps that were known before ``ends`` and met since ``begins``."""
    return gaps_grouped(gaps_open().filter(first_asked__lt=ends, last_asked__gte=begins), wait_for=MOST)
