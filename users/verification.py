"""Showing that an address is one's own, by the token that was mailed to it."""

from django.db import IntegrityError, transaction

from users.audit import audit_record
from users.errors import InvalidLink
from users.mailed_tokens import mailed_token_spend
from users.models import MailedToken, OutgoingMail, User
from users.outbox import mail_queue


def verification_ask(*, email: str) -> None:
    """Mail the link once more, if an account awaits verification by this address."""
    mail_queue(kind=OutgoingMail.Kind.VERIFY, address=User.objects.normalize_email(email))


def address_verify(*, token: str) -> User:
    """The account whose address this is from now on. Raises InvalidLink."""
    with transaction.atomic():
        row = mailed_token_spend(token=token, purpose=MailedToken.Purpose.VERIFY)
        user, before = row.user, row.user.email
        if row.address != user.unverified_address:
            raise InvalidLink
        address_own(user=user, address=row.address)
        if before not in ("", row.address):
            mail_queue(kind=OutgoingMail.Kind.ADDRESS_CHANGED, address=before, user=user)
    return user


def address_own(*, user: User, address: str) -> None:
    """Who has read a mail to the address has it, before all who only said that it was theirs. Raises InvalidLink."""
    others = User.objects.without_case("email", address).exclude(pk=user.pk)
    try:
        with transaction.atomic():
            others.filter(is_verified=False).update(email="", new_email=address)
            user.new_email = "" if user.new_email == address else user.new_email
            user.email, user.is_verified = address, True
            user.save(update_fields=["email", "new_email", "is_verified"])
    except IntegrityError:
        raise InvalidLink from None  # another account has verified it
    audit_record(actor=user, action="account.verify", object_type="user", object_id=str(user.pk))
