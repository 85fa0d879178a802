"""Completions that a curriculum elsewhere is to be told: a row each, written in the transaction that ends the session.

A worker tells them. Its claim moves the row's time on; what has not been told by then, as the service is away or the
worker was killed, is claimed once more, under the same key. So each arrives at least once, and the service, which
knows the key again, takes it once.
"""

import logging
import random
import threading
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import close_old_connections, connection, transaction
from django.utils import timezone

from learning.models import CurriculumDelivery, TutoringSession
from learning.tutoring.boundaries import curriculum
from learning.tutoring.curriculum.base import Completion
from rag.errors import ProviderError
from utils.errors import GroundedError

logger = logging.getLogger(__name__)
REFUSED = 3600.0
"""Seconds after the service has refused one, as a wrong key does: somebody has to put that right."""
_sending = threading.Lock()


def completion_tell(*, session: TutoringSession) -> None:
    """Within the transaction that ends a session: tell its completion, or have it told."""
    if curriculum().local:
        curriculum().complete(_completion(session, CurriculumDelivery(session=session)))
    else:
        CurriculumDelivery.objects.create(session=session)


def deliveries_send() -> int:
    """Tell all that are due, the longest due first. Returns how many were taken."""
    taken = 0
    while row := _claim():
        taken += _tell(row)
    return taken


def _claim() -> CurriculumDelivery | None:
    now = timezone.now()
    with transaction.atomic():
        due = CurriculumDelivery.objects.filter(delivered_at=None, due_at__lte=now).order_by("due_at", "pk")
        row = due.select_for_update(skip_locked=True, of=("self",)).first()
        if row:
            row.attempts += 1
            row.due_at = now + timedelta(seconds=settings.TUTORING["DELIVERY_LEASE"])
            row.save(update_fields=["attempts", "due_at"])
    return row


def _tell(row: CurriculumDelivery) -> bool:
    mine = CurriculumDelivery.objects.filter(pk=row.pk)
    session = TutoringSession.objects.select_related("user").filter(pk=row.session_id).first()
    if session is None:  # its learner's account was erased
        return False
    try:
        curriculum().complete(_completion(session, row))
    except GroundedError as error:
        refused = not isinstance(error, ProviderError) or error.permanent
        pause = REFUSED if refused else _pause(row.attempts)
        if refused:
            logger.error("The curriculum service refuses a completion: %s", error)
        else:
            logger.info("A completion could not be told at try %d: %s", row.attempts, error)
        mine.update(due_at=timezone.now() + timedelta(seconds=pause), trouble=str(error)[:200])
        return False
    mine.update(delivered_at=timezone.now(), trouble="")
    return True


def _pause(attempts: int) -> float:
    """Seconds, give or take a quarter, so that many do not come at once."""
    pauses: Sequence[float] = settings.TUTORING["DELIVERY_PAUSES"]
    return pauses[min(attempts, len(pauses)) - 1] * random.uniform(0.75, 1.25)  # noqa: S311 - only spreads them


def _completion(session: TutoringSession, row: CurriculumDelivery) -> Completion:
    assert session.completed_at and session.score is not None  # noqa: S101, PT018 - it has ended
    return Completion(row.pk, session.user, session.topic_key, session.course_key, session.score, session.completed_at)


def send_when_idle(**_: object) -> None:
    """For workers: in a thread of its own, since a service that hangs must not keep uploads waiting."""
    if curriculum().local or not _due() or not _sending.acquire(blocking=False):
        return
    threading.Thread(target=_send_apart, name="completions", daemon=True).start()


def _due() -> bool:
    return CurriculumDelivery.objects.filter(delivered_at=None, due_at__lte=timezone.now()).exists()


def _send_apart() -> None:
    try:
        close_old_connections()
        deliveries_send()
    except Exception:
        logger.exception("Completions could not be told")
    finally:
        connection.close()
        _sending.release()
