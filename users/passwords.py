"""Changing a password, and setting a new one by a mail."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from users.audit import audit_record
from users.errors import InvalidLink
from users.mailed_tokens import mailed_token_spend
from users.models import MailedToken, OutgoingMail, User
from users.outbox import mail_queue
from users.services import tokens_revoke_all
from users.verification import address_own
from utils.errors import InvalidInput


def password_change(*, user: User, old_password: str, new_password: str) -> None:
    """Every session of the user ends. Raises InvalidInput with ``errors``."""
    if not user.check_password(old_password):
        raise _invalid("old_password", ["This is not your password."])
    with transaction.atomic():
        _set(user, new_password, "password.change")


def password_reset_ask(*, email: str) -> None:
    """Have a link mailed to whoever has this address, if anybody: that is looked up when the mail is sent."""
    mail_queue(kind=OutgoingMail.Kind.RESET, address=User.objects.normalize_email(email))


def password_reset(*, token: str, new_password: str) -> None:
    """Every session of the user ends, and the address counts as verified.

    Raises InvalidLink, and InvalidInput with ``errors``, after which the token is still good.
    """
    with transaction.atomic():
        row = mailed_token_spend(token=token, purpose=MailedToken.Purpose.RESET)
        user = row.user
        if row.address != user.address:
            raise InvalidLink
        if not (user.is_verified and user.email == row.address):
            address_own(user=user, address=row.address)
        _set(user, new_password, "password.reset")


def _set(user: User, password: str, action: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise _invalid("new_password", error.messages) from None
    user.set_password(password)
    user.save(update_fields=["password"])
    tokens_revoke_all(user=user)
    audit_record(actor=user, action=action, object_type="user", object_id=str(user.pk))
    mail_queue(kind=OutgoingMail.Kind.PASSWORD_CHANGED, address=user.address, user=user)


def _invalid(field: str, messages: list[str]) -> InvalidInput:
    return InvalidInput(
        messages[0] if len(messages) == 1 else "Several things are not valid.", errors={field: messages}
    )
