"""Mails wait here until a worker sends them: a row each, written in the transaction of what the mail is about.

So nobody waits for a mail server, and the time of a request does not tell whether a mail is sent. A worker's claim
moves the mail's time on. If by then it has not been sent, because the mail server is away or the worker was killed, it
is claimed once more. A worker that is killed after sending, before it can say so, has the mail sent twice.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from users.audit import audit_record
from users.letters import Letter, letter_for
from users.mailed_tokens import mailed_token_sent
from users.models import OutgoingMail, User
from users.selectors import admins_with_address

logger = logging.getLogger(__name__)
Kind = OutgoingMail.Kind
PAUSES = (2, 4, 8, 16, 32, 64, 128, 256, 2)
"""Minutes after each attempt: the last one is made after eight and a half hours, and then the mail is given up."""
MOST_AN_HOUR = 5
"""Mails of a kind to one address. What is asked for beyond that is not sent."""
_HOUR = timedelta(hours=1)


def mail_queue(*, kind: OutgoingMail.Kind, address: str, user: User | None = None) -> None:
    """Have a mail sent. Without a user it goes to whoever has the address, which is looked up when it is sent."""
    OutgoingMail.objects.create(kind=kind, address=address, user=user, due_at=timezone.now())


def admins_notify(*, subject: str, text: str, html: str = "") -> int:
    """Have every admin who has an address sent this. ``html`` is a whole page. Returns how many there are."""
    due = timezone.now()
    mails = [
        OutgoingMail(
            kind=Kind.NOTICE, user=admin, address=admin.email, subject=subject[:200], text=text, html=html, due_at=due
        )
        for admin in admins_with_address()
    ]
    OutgoingMail.objects.bulk_create(mails)
    return len(mails)


def mail_deliver_next(*, site: str) -> bool:
    """Send the mail that is due first; whether there was one. Links in it begin with ``site``."""
    mail = _claim()
    if mail is None:
        return False
    given_up = mail.attempts > len(PAUSES)
    if given_up:
        logger.error("Mail given up after %d attempts: %s", len(PAUSES), mail.kind)
    letter = None if given_up or _too_many(mail) else letter_for(mail, site=site)
    if letter is None:
        OutgoingMail.objects.filter(pk=mail.pk).delete()
    elif _send(mail, letter):
        _note(mail, letter)
    return True


def _claim() -> OutgoingMail | None:
    now = timezone.now()
    with transaction.atomic():
        due = OutgoingMail.objects.filter(sent_at=None, due_at__lte=now).order_by("due_at", "pk")
        mail = due.select_for_update(skip_locked=True).first()
        if mail:
            mail.attempts += 1
            mail.due_at = now + timedelta(minutes=PAUSES[min(mail.attempts, len(PAUSES)) - 1])
            mail.save(update_fields=["attempts", "due_at"])
    return mail


def _too_many(mail: OutgoingMail) -> bool:
    if mail.kind == Kind.NOTICE:
        return False
    hour = timezone.now() - _HOUR
    OutgoingMail.objects.filter(sent_at__lte=hour).delete()
    sent = OutgoingMail.objects.filter(kind=mail.kind, address__iexact=mail.address, sent_at__gt=hour)
    return sent.count() >= MOST_AN_HOUR


def _send(mail: OutgoingMail, letter: Letter) -> bool:
    try:
        letter.message.send()
    except Exception as error:  # whatever is wrong with one mail, the others go out
        if letter.token:
            letter.token.delete()
        # Not what the server said: it may hold the address.
        logger.warning("Mail not sent at attempt %d: %s, %s", mail.attempts, mail.kind, type(error).__name__)
        return False
    return True


def _note(mail: OutgoingMail, letter: Letter) -> None:
    with transaction.atomic():
        OutgoingMail.objects.filter(pk=mail.pk).update(sent_at=timezone.now())
        if letter.token:
            mailed_token_sent(row=letter.token)
        if mail.kind == Kind.RESET:
            audit_record(actor=None, action="password.reset_ask", object_type="user", object_id=str(letter.user.pk))
