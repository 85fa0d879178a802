"""Progress: topics that are completed, and all that follows from one, in one transaction."""

from collections.abc import Iterable
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from learning.courses.levels import COURSE_XP, TOPIC_XP, reward
from learning.courses.selectors import MEMBER
from learning.models import Certificate, Course, Enrolment, EnrolmentStatus, Learner, Topic, TopicCompletion
from users.models import User
from utils.errors import InvalidInput, NotFound


@transaction.atomic
def topic_complete(*, user: User, topic: Topic, score: float | None = None) -> Enrolment:
    """A member has mastered a topic: progress, points and days in a row follow, on the last topic the certificate.

    Again is nothing: the first time counts, with its ``score`` (0 to 1). Raises NotFound for who is no member.
    """
    if score is not None and not 0 <= score <= 1:
        raise InvalidInput("A score is a number from 0 to 1.", errors={"score": ["A number from 0 to 1."]})
    course = Course.objects.get(modules__topics=topic)
    # Held to the end, so that of two topics at once the second counts the first.
    enrolment = Enrolment.objects.select_for_update().filter(user=user, course=course, status__in=MEMBER).first()
    if enrolment is None:
        raise NotFound("You are not enrolled in this course.")
    now = timezone.now()
    defaults = {"score": score, "at": now}
    if not TopicCompletion.objects.get_or_create(enrolment=enrolment, topic=topic, defaults=defaults)[1]:
        return enrolment
    if enrolment.status == EnrolmentStatus.ACTIVE:
        done = enrolment.completions.count()
        enrolment.progress = done * 100 // Topic.objects.filter(module__course=course).count()
        enrolment.save(update_fields=["progress"])
    _reward(enrolment, TOPIC_XP, now)
    if enrolment.status == EnrolmentStatus.ACTIVE and enrolment.progress == 100:
        _course_complete(enrolment, course, now)
    return enrolment


def _course_complete(enrolment: Enrolment, course: Course, now: datetime) -> None:
    enrolment.status, enrolment.completed_at = EnrolmentStatus.COMPLETED, now
    enrolment.save(update_fields=["status", "completed_at"])
    told = {"course_title": course.title, "issued_at": now}
    Certificate.objects.get_or_create(user_id=enrolment.user_id, course=course, defaults=told)
    _reward(enrolment, COURSE_XP, now)


def _reward(enrolment: Enrolment, xp: int, now: datetime) -> None:
    Learner.objects.get_or_create(user_id=enrolment.user_id)
    learner = Learner.objects.select_for_update().get(user_id=enrolment.user_id)
    reward(learner, xp=xp, today=now.astimezone(UTC).date())
    learner.save(update_fields=["xp", "streak_days", "longest_streak_days", "active_on"])


@transaction.atomic
def progress_renew(*, course: Course) -> None:
    """Topics have come or gone: reckon anew how far its learners are. Who has completed the course stays so."""
    list(_locked(Enrolment.objects.filter(course=course).values_list("pk", flat=True)))
    total = Topic.objects.filter(module__course=course).count()
    done = TopicCompletion.objects.filter(enrolment=OuterRef("pk")).order_by().values("enrolment")
    share = Coalesce(Subquery(done.annotate(done=Count("pk")).values("done")), 0) * 100 / max(1, total)
    Enrolment.objects.filter(course=course, completed_at=None).update(progress=share)
    for enrolment in Enrolment.objects.filter(course=course, status=EnrolmentStatus.ACTIVE, progress=100):
        _course_complete(enrolment, course, timezone.now())


def _locked(keys: Iterable[int]) -> Iterable[Enrolment]:
    return Enrolment.objects.select_for_update().filter(pk__in=keys).order_by("pk")
