"""Mails as their readers get them: sent by a worker, with a link in them."""

import re

from django.core import mail
from django.core.mail import EmailMessage

from users.outbox import mail_deliver_next

SITE = "http://testserver"


def delivered() -> list[EmailMessage]:
    """The mails that a worker sends now."""
    before = len(mail.outbox)
    while mail_deliver_next(site=SITE):
        pass
    return mail.outbox[before:]


def token_in(message: EmailMessage | str) -> str:
    text = str(message if isinstance(message, str) else message.body)
    [token] = re.findall(r"/#/(?:verify|reset)/([\w-]+)", text)
    return str(token)


def told(messages: list[EmailMessage]) -> list[tuple[str, str]]:
    """To whom, and what about."""
    return [(message.to[0], message.subject.removeprefix("Grounded: ")) for message in messages]
