"""What may be read of courses, and by whom.

What somebody may not see is for them as if it were not there.
"""

from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Prefetch, Q, QuerySet

from learning.models import (
    Certificate,
    Course,
    CourseState,
    Enrolment,
    EnrolmentStatus,
    Learner,
    Module,
    Rating,
    Topic,
    Video,
)
from users.models import Role, User
from utils.errors import NotFound

M = TypeVar("M", bound=Model)

MEMBER = (EnrolmentStatus.ACTIVE, EnrolmentStatus.COMPLETED)
"""The states in which an enrolment makes a member."""
_MODULES = Module.objects.order_by("position", "id").prefetch_related(
    Prefetch(
        "topics",
        Topic.objects.order_by("position", "id").prefetch_related(
            Prefetch("videos", Video.objects.order_by("position", "id"))
        ),
    )
)
OUTLINE = Prefetch("modules", _MODULES)
"""Of courses: their modules with all that is in them, in order."""


def courses_visible(viewer: User) -> QuerySet[Course]:
    """The approved ones, and one's own drafts. Admins see all."""
    return Course.objects.filter(_visible(viewer))


def courses_managed(viewer: User) -> QuerySet[Course]:
    """Those that somebody looks after: a teacher their own, an admin all, anybody else none."""
    if viewer.role == Role.ADMIN:
        return Course.objects.all()
    return Course.objects.filter(instructor=viewer) if viewer.role == Role.TEACHER else Course.objects.none()


def course_get(*, viewer: User, course_id: int) -> Course:
    """Raises NotFound, for another's draft too."""
    return _get(courses_visible(viewer).select_related("instructor"), course_id, "course")


def course_taken(*, user: User, course_id: int) -> Course:
    """A course that the user sees, or is enrolled in though it has been withdrawn. Raises NotFound."""
    taken = Course.objects.filter(pk__in=Enrolment.objects.filter(user=user).values("course"))
    return _get(courses_visible(user) | taken, course_id, "course")


def course_managed(*, viewer: User, course_id: int) -> Course:
    """A course that the viewer looks after. Raises NotFound, for one that they may only see too."""
    return _get(courses_managed(viewer).select_related("instructor"), course_id, "course of yours")


def videos_visible(viewer: User) -> QuerySet[Video]:
    return Video.objects.filter(_visible(viewer, "topic__module__course__")).select_related("topic__module__course")


def video_get(*, viewer: User, video_id: int) -> Video:
    """Raises NotFound, for one of another's draft too."""
    return _get(videos_visible(viewer), video_id, "video")


def module_managed(*, viewer: User, module_id: int) -> Module:
    """Raises NotFound for a module of a course that the viewer does not look after."""
    found = Module.objects.filter(course__in=courses_managed(viewer)).select_related("course")
    return _get(found, module_id, "module of yours")


def topic_managed(*, viewer: User, topic_id: int) -> Topic:
    """Raises NotFound for a topic of a course that the viewer does not look after."""
    found = Topic.objects.filter(module__course__in=courses_managed(viewer)).select_related("module__course")
    return _get(found, topic_id, "topic of yours")


def video_managed(*, viewer: User, video_id: int) -> Video:
    """Raises NotFound for a video of a course that the viewer does not look after."""
    found = Video.objects.filter(topic__module__course__in=courses_managed(viewer))
    return _get(found.select_related("topic__module__course"), video_id, "video of yours")


def may_see_inside(*, viewer: User, course: Course) -> bool:
    """Whether the viewer sees what a course with a price keeps for its members."""
    return not course.price or courses_managed(viewer).filter(pk=course.pk).exists() or is_member(viewer, course)


def outline_of(course: Course) -> QuerySet[Module]:
    """Its modules in their order with their topics, and those with their videos, by three queries."""
    return _MODULES.filter(course=course)


def enrolments_of(user: User) -> QuerySet[Enrolment]:
    """The user's own, those that they have dropped too, the latest first."""
    return Enrolment.objects.filter(user=user).select_related("course")


def enrolment_get(*, user: User, course: Course) -> Enrolment:
    """That makes the user a member of the course. Raises NotFound."""
    found = Enrolment.objects.filter(user=user, course=course, status__in=MEMBER).first()
    if found is None:
        raise NotFound("You are not enrolled in this course.")
    return found


def is_member(user: User, course: Course) -> bool:
    return members_of(course).filter(pk=user.pk).exists()


def members_of(course: Course) -> QuerySet[User]:
    """Who is enrolled and has not dropped it."""
    return User.objects.filter(pk__in=Enrolment.objects.filter(course=course, status__in=MEMBER).values("user"))


def ratings_of(course: Course) -> QuerySet[Rating]:
    return Rating.objects.filter(course=course).order_by("-at", "-id")


def certificates_of(user: User) -> QuerySet[Certificate]:
    return Certificate.objects.filter(user=user).order_by("-issued_at", "id")


def certificate_get(*, certificate_id: UUID) -> Certificate:
    """Anybody's: whoever knows its id was shown it. Raises NotFound."""
    return _get(Certificate.objects.select_related("user"), certificate_id, "certificate")


def learner_of(user: User) -> Learner:
    """What the courses know of the account; where that is nothing yet, a row that is not saved."""
    return Learner.objects.filter(user=user).first() or Learner(user=user)


def _visible(viewer: User, path: str = "") -> Q:
    if viewer.role == Role.ADMIN:
        return Q()
    return Q(**{f"{path}state": CourseState.APPROVED}) | Q(**{f"{path}instructor": viewer})


def _get(rows: QuerySet[M], key: int | UUID, name: str) -> M:
    found = rows.filter(pk=key).first()
    if found is None:
        raise NotFound(f"No {name} has this id.")
    return found
