"""What a mail says, and to whom: decided when it is sent."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from users import selectors
from users.mailed_tokens import LIVES, mailed_token_make
from users.models import MailedToken, OutgoingMail, Role, User

Kind = OutgoingMail.Kind
_SUBJECTS = {
    "verify": "Confirm your e-mail address",
    "taken": "You already have an account",
    "reset": "Set a new password",
    "password_changed": "Your password was changed",
    "address_changed": "Your e-mail address was changed",
}


@dataclass(frozen=True, slots=True)
class Letter:
    user: User
    message: EmailMultiAlternatives
    token: MailedToken | None = None


def letter_for(mail: OutgoingMail, *, site: str) -> Letter | None:
    """The mail as it is to be sent, with a new token where it carries one. None where nobody is to get it any more."""
    user = mail.user or _whose(mail)
    if user is None or not user.is_active:
        return None
    if mail.kind == Kind.NOTICE:
        return _notice(mail, user)
    if mail.kind == Kind.VERIFY:
        return _verification(user, mail, site)
    if mail.kind == Kind.RESET:
        row, token = mailed_token_make(user=user, purpose=MailedToken.Purpose.RESET, address=user.address)
        return Letter(user, _message("reset", user.address, user, site, link=f"{site}/#/reset/{token}"), row)
    return Letter(user, _message(mail.kind, mail.address, user, site, link=f"{site}/#/forgot"))


def _notice(mail: OutgoingMail, user: User) -> Letter | None:
    if user.role != Role.ADMIN:
        return None
    message = EmailMultiAlternatives(
        subject=f"{settings.PRODUCT_NAME}: {mail.subject}",
        body=mail.text,
        to=[mail.address],
        headers={"Auto-Submitted": "auto-generated"},
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    return Letter(user, message)


def _whose(mail: OutgoingMail) -> User | None:
    """Who asked for this mail by an address. The mail goes to the address as it is written in the account."""
    if mail.kind == Kind.VERIFY:
        return selectors.account_to_verify(mail.address)
    return selectors.account_by_address(mail.address)


def _verification(user: User, mail: OutgoingMail, site: str) -> Letter | None:
    address = user.unverified_address
    if not address or address.lower() != mail.address.lower():
        return None  # verified or changed since
    holder = selectors.account_verified_with(address)
    if holder:
        return Letter(user, _message("taken", address, holder, site, link=f"{site}/#/forgot"))
    row, token = mailed_token_make(user=user, purpose=MailedToken.Purpose.VERIFY, address=address)
    return Letter(user, _message("verify", address, user, site, link=f"{site}/#/verify/{token}"), row)


def _message(template: str, address: str, user: User, site: str, *, link: str) -> EmailMultiAlternatives:
    context: dict[str, Any] = {
        "product": settings.PRODUCT_NAME,
        "user": user,
        "site": site,
        "link": link,
        "days": LIVES[MailedToken.Purpose.VERIFY].days,
        "minutes": LIVES[MailedToken.Purpose.RESET].seconds // 60,
    }
    message = EmailMultiAlternatives(
        subject=f"{settings.PRODUCT_NAME}: {_SUBJECTS[template]}",
        body=render_to_string(f"users/mail/{template}.txt", context),
        to=[address],
        headers={"Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string(f"users/mail/{template}.html", context), "text/html")
    return message
