"""What changes accounts. Their log-in sessions are in users/login_sessions.py."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.models import update_last_login
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from users.admission import admission_demand
from users.audit import audit_saved, state_of
from users.errors import InvalidCredentials
from users.login_sessions import tokens_issue as tokens_issue
from users.login_sessions import tokens_revoke_all as tokens_revoke_all
from users.models import OutgoingMail, Role, User
from users.outbox import mail_queue
from users.selectors import account_conflicts
from users.tokens import TokenPair
from utils.errors import InvalidInput

_AUDITED = ("username", "email", "new_email", "role", "is_verified", "is_active")


def account_register(*, username: str, email: str, password: str) -> User:
    """An account that somebody makes for themselves, with a mail by which they verify the address.

    Where verification is required, the address is not theirs before that, and whether it is somebody else's is not
    looked up: all is done alike (docs/decisions/addresses-nobody-has-verified.md). Raises InvalidInput with ``errors``
    by field.
    """
    user = User(username=User.normalize_username(username), email=User.objects.normalize_email(email))
    _fill(user, password, Role.USER)
    if settings.REQUIRE_VERIFIED_EMAIL:
        user.email, user.new_email = "", user.email
    with transaction.atomic():
        _save(user)
        mail_queue(kind=OutgoingMail.Kind.VERIFY, address=user.address, user=user)
        _audit(user, actor=user, before={})
    return user


def account_create(*, username: str, email: str, password: str, role: str) -> User:
    """An account with any role, whose maker vouches for the address. Raises InvalidInput with ``errors`` by field.

    In the audit trail nobody has made it who can be told.
    """
    user = User(username=User.normalize_username(username), email=User.objects.normalize_email(email), is_verified=True)
    _fill(user, password, role)
    with transaction.atomic():
        _save(user)
        _audit(user, actor=None, before={})
    return user


def _fill(user: User, password: str, role: str) -> None:
    _set_role(user, role)
    errors = _errors(user)
    try:
        validate_password(password, user)
    except ValidationError as error:
        errors["password"] = error.messages
    if errors:
        raise _invalid(errors)
    user.set_password(password)


def account_update(*, user: User, username: str | None = None, email: str | None = None) -> User:
    """Another user name or address; a new address has yet to be verified. Raises InvalidInput with ``errors``.

    Where verification is required, the old address stays in use until then.
    """
    before = user.email
    if username is not None:
        user.username = User.normalize_username(username)
    if email is not None:
        user.email, user.new_email = User.objects.normalize_email(email), ""
    if errors := _errors(user):
        raise _invalid(errors)
    is_new = user.email != before
    if is_new and settings.REQUIRE_VERIFIED_EMAIL:
        user.email, user.new_email = before, user.email
    elif is_new:
        user.is_verified = False
    with transaction.atomic():
        was = state_of(user, _AUDITED)
        _save(user, fields=["username", "email", "new_email", "is_verified"])
        if is_new:
            mail_queue(kind=OutgoingMail.Kind.VERIFY, address=user.unverified_address, user=user)
        _audit(user, actor=user, before=was)
    return user


def role_assign(*, user: User, role: str, actor: User | None = None) -> User:
    """Save ``user`` with this role and the rights on the admin site that come with it.

    Another role than before, or being made inactive, revokes all of the user's tokens.
    """
    _set_role(user, role)
    with transaction.atomic():
        before = User.objects.select_for_update().filter(pk=user.pk).first()
        was = state_of(user, _AUDITED)
        user.token_version = before.token_version if before else user.token_version  # it may have been raised since
        user.save()
        if before and (before.role, before.is_active) != (user.role, user.is_active):
            tokens_revoke_all(user=user)
        _audit(user, actor=actor, before=was)
    return user


def session_open(*, login: str, password: str, device: str = "", address: str = "") -> TokenPair:
    """Log in by user name or e-mail address, on this device and from this address of the network.

    Raises InvalidCredentials: the same, after hashing as often, whether the account is unknown, the password wrong or
    the account inactive. Raises EmailNotVerified and SecondFactorRequired, to whoever knows the password only.
    """
    user = authenticate(username=login, password=password)
    if not isinstance(user, User):
        raise InvalidCredentials("No active account has this name and this password.")
    admission_demand(user)
    pair = tokens_issue(user=user, device=device, address=address)
    update_last_login(User, user)
    return pair


def _audit(user: User, *, actor: User | None, before: Mapping[str, Any]) -> None:
    audit_saved(actor=actor, row=user, object_type="account", before=before, fields=_AUDITED, subject=user)


def _set_role(user: User, role: str) -> None:
    user.role = role
    user.is_staff = role in (Role.EDITOR, Role.ADMIN)
    user.is_superuser = role == Role.ADMIN


def _errors(user: User) -> dict[str, list[str]]:
    """Field to messages: what is malformed, and what another account has already."""
    missing = {} if user.email else {"email": [str(User._meta.get_field("email").error_messages["blank"])]}
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as error:
        return account_conflicts(user) | error.message_dict | missing
    return account_conflicts(user) | missing


def _save(user: User, fields: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            user.save(update_fields=fields)
    except IntegrityError:
        # Somebody took the name or the address since we looked.
        if errors := account_conflicts(user):
            raise _invalid(errors) from None
        raise


def _invalid(errors: dict[str, list[str]]) -> InvalidInput:
    messages = [message for field in errors.values() for message in field]
    return InvalidInput(messages[0] if len(messages) == 1 else "Several fields are not valid.", errors=errors)
