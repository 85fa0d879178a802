"""Removing old messages of conversations that go on, and conversations of which nothing is left (chat/pruning.py).

In short transactions, each of which leaves everything in order; whoever is killed between two goes on the next time.
A transaction holds the locks of its conversations, as a question does that is being saved: one that somebody is using
at that moment is passed over and comes last.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.db.models import Count, ForeignObjectRel, Model

from chat.beginning import title_of
from chat.models import Message, Session, Visitor
from chat.pruning import Leaf, Place, exchanges_old, places_without
from chat.retention import Limits, sessions_by_age, sessions_by_key
from utils.pacing import Pace

_LEAF = ("pk", "session", "parent", "position", "chosen", "status", "sender_type", "timestamp")
Weighed = tuple[UUID, int]
"""A session and how many messages it has."""


@dataclass(slots=True)
class Purged:
    messages: int = 0
    conversations: int = 0
    visitors: int = 0
    """Whose conversation is one of those."""


@dataclass(slots=True)
class _Part:
    """What is done in one transaction."""

    gone: list[UUID] = field(default_factory=list)
    places: dict[UUID, Place] = field(default_factory=dict)
    first: list[UUID] = field(default_factory=list)
    """Those of the gone with which a conversation began that goes on."""
    empty: list[UUID] = field(default_factory=list)
    visitors: list[UUID] = field(default_factory=list)
    left: list[UUID] = field(default_factory=list)
    """Sessions that are not done with."""


def conversations_count(*, limits: Limits) -> Purged:
    """What :func:`conversations_purge` would remove."""
    counted = Purged()
    for keys in sessions_by_key(limits):
        _count(counted, _part(keys, limits))
    return counted


def conversations_purge(*, limits: Limits, pace: Pace) -> Purged:
    """Remove old exchanges with all that hangs on them, and sessions and visitors of which nothing is left."""
    purged = Purged()
    chunks = sessions_by_age(limits)
    coming: deque[Weighed] = deque()
    left: list[UUID] = []
    for size in pace.pieces():
        if not coming:
            coming.extend(_weighed(next(chunks, [])))
        keys, last = _taken(coming, size), False
        if not keys:
            keys, left, last = left[:1], left[1:], True
        if not keys:
            break
        with transaction.atomic():
            part = _part(keys, limits, locked=True, waiting=last, most=size)
            _remove(part)
        _count(purged, part)
        left += part.left
    return purged


def _weighed(sessions: Sequence[UUID]) -> Iterator[Weighed]:
    counts = Message.objects.filter(session__in=sessions).order_by().values_list("session").annotate(Count("pk"))
    weights = dict(counts)
    return ((key, weights.get(key, 0)) for key in sessions)


def _taken(coming: deque[Weighed], size: int) -> list[UUID]:
    """The next sessions, with about so many messages together."""
    keys, weight = [], 0
    while coming and weight < size:
        key, messages = coming.popleft()
        keys.append(key)
        weight += 1 + messages
    return keys


def _part(
    keys: Sequence[UUID], limits: Limits, *, locked: bool = False, waiting: bool = False, most: int | None = None
) -> _Part:
    """What is to be done to these sessions, with about ``most`` messages to go. Those that somebody else has locked
    are left, unless they are waited for."""
    part = _Part()
    sessions = Session.objects.filter(pk__in=keys).order_by("pk")
    if locked:
        sessions = sessions.select_for_update(of=("self",), skip_locked=not waiting)
    rows = list(sessions.values_list("pk", "user__role", "visitor", "updated_at"))
    leaves = _leaves([pk for pk, *_ in rows])
    for pk, role, visitor, used in rows:
        before = limits.of(role)
        if before is None:
            continue
        own = leaves.get(pk, [])
        gone: set[UUID] = set()
        for exchange in exchanges_old(own, before):
            if most is not None and len(part.gone) + len(gone) >= most:
                part.left.append(pk)
                break
            gone.update(exchange)
        part.gone += gone
        if gone and len(gone) < len(own):
            part.places |= places_without(own, gone)
            part.first += [leaf.pk for leaf in own if leaf.parent is None and leaf.pk in gone]
        elif gone or (not own and used < before):
            part.empty.append(pk)
            part.visitors += [visitor] if visitor else []
    if locked and not waiting:
        part.left += set(keys) - {pk for pk, *_ in rows}
    return part


def _leaves(sessions: Sequence[UUID]) -> Mapping[UUID, list[Leaf]]:
    """The messages of each, in order of position."""
    found: dict[UUID, list[Leaf]] = {}
    for row in Message.objects.filter(session__in=sessions).order_by("position").values_list(*_LEAF):
        leaf = Leaf(*row)
        found.setdefault(leaf.session, []).append(leaf)
    return found


def _remove(part: _Part) -> None:
    named = _named_after(part)
    _move(part.places)
    # The messages first: whoever would hang something on one of them waits from here on. No signal is sent, and what
    # were to go with them unforeseen is refused by the database when the transaction ends.
    messages = Message.objects.filter(pk__in=part.gone)
    messages._raw_delete(messages.db)
    for model, name in hanging_on_messages():
        model._base_manager.filter(**{f"{name}__in": part.gone}).delete()
    # Of several versions one is shown at a time, so not before the others are gone.
    Message.objects.filter(pk__in=[pk for pk, (_, chosen) in part.places.items() if chosen]).update(chosen=True)
    _rename(named)
    Session.objects.filter(pk__in=part.empty).delete()
    Visitor.objects.filter(pk__in=part.visitors).delete()


def hanging_on_messages() -> Iterator[tuple[type[Model], str]]:
    """Models whose rows go with a message, and the names of their relations to it."""
    for relation in Message._meta.get_fields(include_hidden=True):
        model = relation.related_model
        if isinstance(relation, ForeignObjectRel) and isinstance(model, type) and model is not Message:
            yield model, relation.field.name


def _move(places: Mapping[UUID, Place]) -> None:
    moved: dict[UUID | None, list[UUID]] = {}
    for pk, (parent, _) in places.items():
        moved.setdefault(parent, []).append(pk)
    for parent, keys in moved.items():
        Message.objects.filter(pk__in=keys).update(parent=parent, chosen=False)


def _named_after(part: _Part) -> list[UUID]:
    """Sessions whose title was made of a first question that goes."""
    rows = Message.objects.filter(pk__in=part.first).values_list("session", "session__title", "content")
    return [session for session, title, content in rows if title == title_of(content)]


def _rename(sessions: Sequence[UUID]) -> None:
    """After the first question that is shown now: the words of the former one are gone."""
    first = Message.objects.filter(session__in=sessions, parent=None, chosen=True)
    for session, content in first.values_list("session", "content"):
        Session.objects.filter(pk=session).update(title=title_of(content))


def _count(purged: Purged, part: _Part) -> None:
    purged.messages += len(part.gone)
    purged.conversations += len(part.empty)
    purged.visitors += len(part.visitors)
