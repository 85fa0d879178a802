"""Sessions are begun, and given up. What is said in them is in turns.py."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from learning.models import TutoringSession, TutoringStatus
from learning.tutoring.boundaries import curriculum
from users.audit import audit_record
from users.models import User


def session_start(*, user: User, topic_key: str, course_key: str, actor: User | None = None) -> TutoringSession:
    """The active session of this learner and topic; a new one where there is none. ``actor``: a service that
    starts it for them. Raises NotFound for a topic that is not theirs to learn, ProviderError where that cannot
    be looked up."""
    active = TutoringSession.objects.filter(user=user, topic_key=topic_key, status=TutoringStatus.ACTIVE)
    if found := active.first():
        return found
    snapshot = curriculum().snapshot(user=user, topic_key=topic_key, course_key=course_key)
    told = {"topic_key": topic_key, "course_key": course_key, "snapshot": snapshot.as_json()}
    try:
        with transaction.atomic():
            session = TutoringSession.objects.create(user=user, **told)
            if actor:
                audit_record(
                    actor=actor,
                    action="tutoring.start",
                    object_type="tutoring_session",
                    object_id=str(session.pk),
                    subject=user,
                )
    except IntegrityError:  # somebody was as quick
        return active.get()
    return session


def sessions_abandon(*, now: datetime) -> int:
    """Give up what nobody has written in for ``IDLE_DAYS``. Returns how many. The learner may start anew."""
    since = now - timedelta(days=settings.TUTORING["IDLE_DAYS"])
    idle = TutoringSession.objects.filter(status=TutoringStatus.ACTIVE, active_at__lt=since)
    return idle.exclude(busy_until__gt=timezone.now()).update(status=TutoringStatus.ABANDONED)
