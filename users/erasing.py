"""Erasing an account with everything it wrote, to the end, whoever is killed on the way.

First a row says that it is to be done, and the account opens nothing any more. Then a note goes to the disk
(users/tombstones.py), and one transaction removes all that the sections of PERSONAL_DATA and the audit trail have of
it. Caches are emptied last. What was begun, a worker or ``manage.py erase_accounts`` ends.
"""

import logging
from uuid import UUID

from django.db import Error, transaction
from django.db.models import QuerySet
from django.utils import timezone

from users import tombstones
from users.audit import audit_forget
from users.models import AuditEntry, Erasure, ErasureState, Role, User
from users.personal_data.base import sections
from utils.errors import Conflict, InvalidInput

logger = logging.getLogger(__name__)


def account_erase_own(*, user: User, password: str) -> None:
    """Erase the account of whoever asks. Raises InvalidInput for a wrong password, Conflict."""
    if not user.check_password(password):
        text = "This is not the password of the account."
        raise InvalidInput(text, code="wrong_password", errors={"password": [text]})
    account_erase(user=user)


def account_erase(*, user: User, actor: User | None = None, last_admin_too: bool = False) -> None:
    """Erase an account; ``actor`` is the admin who does it, if it is not its owner.

    Raises Conflict for the last admin.
    """
    with transaction.atomic():
        # All of them, in one order: of two admins who erase each other at once, one stays.
        admins = User.objects.select_for_update().filter(role=Role.ADMIN, is_active=True).order_by("pk")
        others = [pk for pk in admins.values_list("pk", flat=True) if pk != user.pk]
        if user.role == Role.ADMIN and not others and not last_admin_too:
            raise Conflict("This is the last admin. Give somebody else the role first.", code="last_admin")
        erasure = _begin(user, actor)
    _finish(erasure.pk)


def account_erase_if(*, user_id: int, still: QuerySet[User]) -> bool:
    """Erase an account that is no admin's, if it is among these still. Returns whether it was."""
    with transaction.atomic():
        user = still.select_for_update().exclude(role=Role.ADMIN).filter(pk=user_id).first()
        if user is None:
            return False
        erasure = _begin(user)
    _finish(erasure.pk)
    return True


def erasures_finish() -> int:
    """End what was begun. Returns how many have been ended; what cannot be is tried again the next time."""
    ended = 0
    for pk in list(Erasure.objects.exclude(state=ErasureState.DONE).values_list("pk", flat=True)):
        try:
            _finish(pk)
        except (Error, OSError):
            logger.exception("Erasure %s has to wait", pk)
        else:
            ended += 1
    return ended


def erasures_reapply() -> int:
    """Erase accounts again that are back, since a backup was restored. Returns how many there were."""
    erasures_finish()
    known = tombstones.noted()
    for account in Erasure.objects.values_list("mark", flat=True):
        if account not in known:
            tombstones.note(account)
            known.add(account)
    back = [user for user in User.objects.iterator() if tombstones.account_mark(user) in known] if known else []
    for user in back:
        account_erase(user=user, last_admin_too=True)
    return len(back)


def _begin(user: User, actor: User | None = None) -> Erasure:
    """From here on the account opens nothing, and will be erased whoever is killed."""
    User.objects.filter(pk=user.pk).update(is_active=False)
    erasure, _ = Erasure.objects.get_or_create(
        account_id=user.pk,
        state=ErasureState.PENDING,
        defaults={
            "actor_id": actor.pk if actor and actor.pk != user.pk else None,
            "mark": tombstones.account_mark(user),
        },
    )
    return erasure


def _finish(pk: UUID) -> None:
    with transaction.atomic():
        # Whoever is at it already is waited for.
        erasure = Erasure.objects.select_for_update().get(pk=pk)
        if erasure.state == ErasureState.PENDING:
            tombstones.note(erasure.mark)
            _remove(erasure)
    if erasure.state == ErasureState.OUTSIDE:
        for section in sections():
            section.erase_outside()
        Erasure.objects.filter(pk=pk).update(state=ErasureState.DONE, done_at=timezone.now())
        logger.info("Erasure %s is done.", pk)


def _remove(erasure: Erasure) -> None:
    account = erasure.account_id
    assert account is not None  # noqa: S101 - it is there as long as the account may be
    user = User.objects.select_for_update().filter(pk=account).first()
    if user:
        for section in sections():
            section.erase(user)
    audit_forget(
        actors=AuditEntry.objects.filter(actor_id=account),
        subjects=AuditEntry.objects.filter(subject_id=account),
        action="account.erase",
        object_type="account",
        by=User.objects.filter(pk=erasure.actor_id).first() if erasure.actor_id else None,
    )
    erasure.account_id = erasure.actor_id = None
    erasure.state = ErasureState.OUTSIDE
    erasure.save(update_fields=["account_id", "actor_id", "state"])
