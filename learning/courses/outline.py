"""The parts of a course: modules, their topics, and those topics' videos, each in an order of its own."""

from collections.abc import Sequence
from typing import Any, TypeAlias, TypeVar

from django.db import transaction
from django.db.models import Max, QuerySet

from learning.courses.completing import progress_renew
from learning.models import Course, Module, Topic, Video
from learning.transcripts.services import transcripts_delete
from users.audit import audit_record, audit_removal, audit_saved, state_of
from users.models import User
from utils.errors import Conflict, InvalidInput

Part: TypeAlias = Module | Topic | Video
P = TypeVar("P", Module, Topic, Video)

_PARENT: dict[type[Part], str] = {Module: "course", Topic: "module", Video: "topic"}
_FIELDS: dict[type[Part], tuple[str, ...]] = {
    Module: ("title",),
    Topic: ("title", "description", "learning_objectives", "prompt_template"),
    Video: ("title", "url", "duration_seconds"),
}
_MOST = 200
"""Modules of a course, topics of a module, videos of a topic."""


def course_of(part: Part) -> Course:
    if isinstance(part, Module):
        return part.course
    return part.module.course if isinstance(part, Topic) else part.topic.module.course


@transaction.atomic
def part_save(*, actor: User, part: P, **fields: Any) -> P:
    """Make or change a part; a new one comes after those beside it. Raises Conflict for too many."""
    Course.objects.select_for_update().get(pk=course_of(part).pk)  # the places of two at once differ
    new, kind = part._state.adding, type(part)
    before = {} if new else state_of(part, _FIELDS[kind])
    if new:
        beside = _beside(part)
        if beside.count() >= _MOST:
            raise Conflict(f"There are {_MOST} of these already.", code="too_many_parts")
        part.position = (beside.aggregate(last=Max("position"))["last"] or 0) + 1
    for name, value in fields.items():
        setattr(part, name, value)
    part.save()
    audit_saved(actor=actor, row=part, object_type=_name(kind), before=before, fields=_FIELDS[kind])
    if new and isinstance(part, Topic):
        progress_renew(course=course_of(part))
    return part


@transaction.atomic
def part_delete(*, actor: User, part: Part) -> None:
    """With all that is in it, the transcripts of its videos too. How far the learners are is reckoned anew.

    Raises WouldBreakQuestions where golden questions need a transcript.
    """
    course = Course.objects.select_for_update().get(pk=course_of(part).pk)
    path = {Module: "topic__module", Topic: "topic", Video: "pk"}[type(part)]
    transcripts_delete(actor=actor, videos=Video.objects.filter(**{path: part.pk}))
    audit_removal(actor=actor, row=part, object_type=_name(type(part)), fields=_FIELDS[type(part)])
    part.delete()
    if not isinstance(part, Video):
        progress_renew(course=course)


@transaction.atomic
def parts_order(*, actor: User, parent: Course | Module | Topic, ids: Sequence[int]) -> None:
    """Give the parts of a course, module or topic another order. Raises InvalidInput unless each is named once."""
    kind, parent_name = next((kind, name) for kind, name in _PARENT.items() if name == type(parent).__name__.lower())
    rows: Any = kind._default_manager
    parts = {part.pk: part for part in rows.filter(**{parent_name: parent})}
    if sorted(ids) != sorted(parts):
        raise InvalidInput("Name each of them once.", errors={"ids": ["The ids of all of them, in the new order."]})
    for position, key in enumerate(ids, start=1):
        parts[key].position = position
    rows.bulk_update(parts.values(), ["position"])
    audit_record(
        actor=actor,
        action=f"{_name(kind)}.order",
        object_type=parent_name,
        object_id=str(parent.pk),
        detail={"ids": list(ids)},
    )


def _beside(part: Part) -> QuerySet[Any]:
    name = _PARENT[type(part)]
    return type(part)._default_manager.filter(**{name: getattr(part, name)})


def _name(kind: type[Part]) -> str:
    return kind.__name__.lower()
