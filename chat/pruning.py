"""What goes of a conversation when its old messages do, and how the rest of the tree closes over the gap.

A question goes with all answers to it, once the youngest of them is old: nothing goes before its time, and no answer
is left without its question. What came after a message that goes comes after the nearest one before it that stays; of
none it is a first message. So what is shown stays what it was, less what is gone (chat/tree.py).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from chat.models import Sender, Status


class Leaf(NamedTuple):
    """A message without what it says."""

    pk: UUID
    session: UUID
    parent: UUID | None
    position: int
    chosen: bool
    status: str
    sender: str
    at: datetime

    @property
    def answers(self) -> bool:
        return self.sender == Sender.BOT and self.parent is not None

    def old(self, before: datetime) -> bool:
        return self.at < before and self.status != Status.STREAMING


Place = tuple[UUID | None, bool]
"""After which message it comes, and whether it is the one that is shown there."""


def exchanges_old(leaves: Iterable[Leaf], before: datetime) -> Iterator[list[UUID]]:
    """Each question with its answers, none of which is of this time or later or still being written."""
    exchanges: dict[UUID, list[Leaf]] = {}
    for leaf in leaves:
        if not leaf.answers:
            exchanges[leaf.pk] = [leaf]
        elif leaf.parent in exchanges:
            exchanges[leaf.parent].append(leaf)
    for exchange in exchanges.values():
        if all(leaf.old(before) for leaf in exchange):
            yield [leaf.pk for leaf in exchange]


def places_without(leaves: Sequence[Leaf], gone: Set[UUID]) -> Mapping[UUID, Place]:
    """The new places of those that stay and have another one when the others are gone; ``leaves`` are all messages of
    one conversation, in order of position.

    Where the version that is shown goes, with all that was shown after it, the latest of the others is shown.
    """
    above: dict[UUID | None, UUID | None] = {}
    """The nearest one before it that stays."""
    following: dict[UUID | None, list[Leaf]] = {}
    chosen: dict[UUID | None, UUID] = {}
    for leaf in leaves:
        parent = leaf.parent
        above[leaf.pk] = above.get(parent) if parent in gone else parent
        if leaf.chosen:
            chosen[parent] = leaf.pk
        if leaf.pk not in gone:
            following.setdefault(above[leaf.pk], []).append(leaf)
    places: dict[UUID, Place] = {}
    for parent, group in following.items():
        shown = chosen.get(parent)
        if shown in gone:
            while shown in gone:
                shown = chosen.get(shown)
            shown = shown or group[-1].pk
        for leaf in group:
            place = (parent, leaf.pk == shown)
            if place != (leaf.parent, leaf.chosen):
                places[leaf.pk] = place
    return places
