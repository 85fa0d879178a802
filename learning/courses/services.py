"""What is done to courses: made, changed, approved; and who takes them, and what they think of them.

Whether somebody may is decided before, by the selector that the course comes from.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone

from documents.publishing import document_delete
from documents.services import collection_delete, invitation_give, invitation_withdraw, invitations_set
from learning.courses.completing import topic_complete as topic_complete
from learning.courses.selectors import MEMBER, is_member, members_of
from learning.models import Course, CourseState, Enrolment, EnrolmentStatus, Rating
from users.audit import audit_record, audit_removal, audit_saved, state_of
from users.models import Role, User
from utils.errors import Conflict

_COURSE = ("title", "description", "category", "difficulty", "price", "state", "instructor")


@transaction.atomic
def course_save(*, actor: User | None, course: Course, **fields: Any) -> Course:
    """Make or change a course. A new instructor sees its material, the one before no longer."""
    before = state_of(course, _COURSE)
    for name, value in fields.items():
        setattr(course, name, value)
    course.save()
    audit_saved(actor=actor, row=course, object_type="course", before=before, fields=_COURSE)
    if before and before["instructor"] != course.instructor_id:
        material_open(course=course, actor=actor)
    return course


def course_approve(*, actor: User | None, course: Course) -> Course:
    """Let everybody see it. Again is no harm."""
    return _state_set(actor, course, CourseState.APPROVED)


def course_withdraw(*, actor: User | None, course: Course) -> Course:
    """Make it a draft again. Its members stay enrolled, but do not see it nor its material until it is approved."""
    return _state_set(actor, course, CourseState.DRAFT)


@transaction.atomic
def _state_set(actor: User | None, course: Course, state: CourseState) -> Course:
    if course.state != state:
        course_save(actor=actor, course=course, state=state)
        material_open(course=course, actor=actor)
    return course


@transaction.atomic
def course_delete(*, actor: User | None, course: Course) -> None:
    """With its material and its members' progress; certificates stay. Raises Conflict where it has members and the
    actor is no admin, where golden questions need its material, or a source fills its collection.
    """
    if actor and actor.role != Role.ADMIN and Enrolment.objects.filter(course=course, status__in=MEMBER).exists():
        raise Conflict("The course has members. An admin may delete it, or withdraw it.", code="course_has_members")
    course = Course.objects.select_for_update().get(pk=course.pk)
    collection = course.collection
    for document in collection.documents.all() if collection else ():
        document_delete(document=document, author=actor)
    audit_removal(actor=actor, row=course, object_type="course", fields=_COURSE)
    course.delete()
    if collection:
        collection_delete(actor=actor, collection=collection)


def material_open(*, course: Course, actor: User | None = None) -> None:
    """Let the instructor and, of an approved course, the members see its material, and nobody else."""
    if course.collection:
        members = members_of(course) if course.state == CourseState.APPROVED else User.objects.none()
        instructor = [course.instructor] if course.instructor else []
        invitations_set(collection=course.collection, users=[*members, *instructor], actor=actor)


def material_invite(*, user: User, course: Course, actor: User | None = None) -> None:
    """Let one more member see its material, if there is any."""
    if course.collection:
        invitation_give(collection=course.collection, user=user, actor=actor or user)


@transaction.atomic
def course_enrol(*, user: User, course: Course, actor: User | None = None) -> Enrolment:
    """Make somebody a member, from where they were if they had been one. Again is no harm.

    ``actor`` is the admin who does it for them, and who alone may for a course that has a price. Raises Conflict.
    """
    course = Course.objects.select_for_update().get(pk=course.pk)
    if course.state != CourseState.APPROVED:
        raise Conflict("The course is not approved yet.", code="course_not_approved")
    if course.instructor_id == user.pk:
        raise Conflict("Whoever teaches a course does not take it.", code="own_course")
    enrolment = Enrolment.objects.select_for_update().filter(user=user, course=course).first()
    if enrolment is None:
        if course.price and not (actor and actor.role == Role.ADMIN):
            raise Conflict("The course has a price: an admin enrols who has paid.", code="payment_needed")
        enrolment = Enrolment.objects.create(user=user, course=course)
    elif enrolment.status == EnrolmentStatus.DROPPED:
        enrolment.status = EnrolmentStatus.COMPLETED if enrolment.completed_at else EnrolmentStatus.ACTIVE
        enrolment.save(update_fields=["status"])
    else:
        return enrolment
    material_invite(user=user, course=course, actor=actor)
    _note(actor, "course.enrol", course, user)
    return enrolment


@transaction.atomic
def course_leave(*, user: User, course: Course, actor: User | None = None) -> None:
    """What they have completed is kept. To leave what one does not take is no harm."""
    course = Course.objects.select_for_update().get(pk=course.pk)
    left = Enrolment.objects.filter(user=user, course=course, status__in=MEMBER)
    if left.update(status=EnrolmentStatus.DROPPED):
        if course.collection:
            invitation_withdraw(collection=course.collection, user=user, actor=actor or user)
        _note(actor, "course.leave", course, user)


def _note(actor: User | None, action: str, course: Course, user: User) -> None:
    """On record is what somebody does to somebody else."""
    if actor and actor != user:
        audit_record(actor=actor, action=action, object_type="course", object_id=str(course.pk), subject=user)


def rating_give(*, user: User, course: Course, stars: int, comment: str = "") -> Rating:
    """In the place of the rating before, if there is one. Raises Conflict for who is no member."""
    if not is_member(user, course):
        raise Conflict("Only members rate a course.", code="not_a_member")
    given = {"stars": stars, "comment": comment, "at": timezone.now()}
    return Rating.objects.update_or_create(user=user, course=course, defaults=given)[0]


def rating_withdraw(*, user: User, course: Course) -> None:
    """To withdraw what was not given is no harm."""
    Rating.objects.filter(user=user, course=course).delete()
