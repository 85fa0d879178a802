"""A conversation as a tree of messages, of which one path is shown.

What is shown begins with the chosen first message and goes on with the chosen one after it. A message always has a
greater position than the one that it comes after, so a path in order of position is in its own order.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from chat.models import Message, Session


class Node(NamedTuple):
    pk: UUID
    parent: UUID | None
    position: int
    chosen: bool
    status: str


def nodes_of(session_id: UUID) -> dict[UUID, Node]:
    """The messages of a session, without what they say, in order of position."""
    rows = Message.objects.filter(session=session_id).order_by("position")
    return {row[0]: Node(*row) for row in rows.values_list("pk", "parent", "position", "chosen", "status")}


def shown(nodes: Iterable[Node]) -> list[Node]:
    """The path that is shown, from its beginning."""
    chosen = {node.parent: node for node in nodes if node.chosen}
    path = []
    at = chosen.get(None)
    while at:
        path.append(at)
        at = chosen.get(at.pk)
    return path


def end(nodes: Mapping[UUID, Node]) -> UUID | None:
    """The last message that is shown; None where there is none."""
    path = shown(nodes.values())
    return path[-1].pk if path else None


def before(message: Message) -> list[Node]:
    """What comes before a message on its own path, shown or not, the nearest first."""
    path: list[Node] = []
    at = message.parent_id
    nodes = nodes_of(message.session_id) if at else {}
    while at:
        path.append(nodes[at])
        at = nodes[at].parent
    return path


def after(parent: UUID | None, nodes: Mapping[UUID, Node]) -> list[UUID]:
    """The messages after this one, in the order in which they were made; of None the first ones."""
    return [node.pk for node in nodes.values() if node.parent == parent]


def siblings_of(messages: Iterable[Message]) -> dict[UUID, list[UUID]]:
    """For each message, itself and those beside it, in the order in which they were made. One query for all."""
    asked = list(messages)
    parents = {message.parent_id for message in asked}
    firsts = {message.session_id for message in asked if message.parent_id is None}
    rows = Message.objects.filter(Q(parent__in=parents - {None}) | Q(parent=None, session__in=firsts))
    beside: dict[tuple[UUID, UUID | None], list[UUID]] = {}
    for pk, session, parent in rows.order_by("position").values_list("pk", "session", "parent"):
        beside.setdefault((session, parent), []).append(pk)
    return {message.pk: beside[message.session_id, message.parent_id] for message in asked}


def hide_versions(message: Message) -> None:
    """Have none of the messages after the same one be shown, nor it; the caller holds the lock of the session."""
    Message.objects.filter(session=message.session_id, parent=message.parent_id, chosen=True).update(chosen=False)


@transaction.atomic
def bring_to_front(message: Message) -> None:
    """Put a message on the path that is shown, with all that comes before it."""
    Session.objects.select_for_update().get(pk=message.session_id)
    way = Message.objects.in_bulk([node.pk for node in before(message)])
    for each in [message, *way.values()]:
        hide_versions(each)
        each.chosen = True
        each.save(update_fields=["chosen"])
