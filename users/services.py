"""What changes accounts and their tokens."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth.models import update_last_login
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from users import tokens
from users.audit import audit_saved, state_of
from users.errors import InvalidCredentials, InvalidToken
from users.models import Role, User
from users.selectors import account_conflicts
from users.tokens import TokenPair
from utils.errors import InvalidInput

_AUDITED = ("username", "email", "role", "is_verified", "is_active")


def account_register(*, username: str, email: str, password: str) -> User:
    """An account that somebody makes for themselves. Raises InvalidInput with ``errors`` by field."""
    return account_create(username=username, email=email, password=password, role=Role.USER, is_verified=False)


def account_create(*, username: str, email: str, password: str, role: str, is_verified: bool = True) -> User:
    """An account with any role, whose maker vouches for the address. Raises InvalidInput with ``errors`` by field.

    In the audit trail it has made itself, or nobody has who can be told.
    """
    user = User(
        username=User.normalize_username(username),
        email=User.objects.normalize_email(email),
        is_verified=is_verified,
    )
    _set_role(user, role)
    errors = _errors(user)
    try:
        validate_password(password, user)
    except ValidationError as error:
        errors["password"] = error.messages
    if errors:
        raise _invalid(errors)
    user.set_password(password)
    with transaction.atomic():
        _save(user)
        _audit(user, actor=None if is_verified else user, before={})
    return user


def account_update(*, user: User, username: str | None = None, email: str | None = None) -> User:
    """Another user name or address; a new address has yet to be verified. Raises InvalidInput with ``errors``."""
    if username is not None:
        user.username = User.normalize_username(username)
    if email is not None:
        address = User.objects.normalize_email(email)
        user.is_verified = user.is_verified and address == user.email
        user.email = address
    if errors := _errors(user):
        raise _invalid(errors)
    with transaction.atomic():
        before = state_of(user, _AUDITED)
        _save(user, fields=["username", "email", "is_verified"])
        _audit(user, actor=user, before=before)
    return user


def role_assign(*, user: User, role: str, actor: User | None = None) -> User:
    """Save ``user`` with this role and the rights on the admin site that come with it."""
    _set_role(user, role)
    with transaction.atomic():
        before = state_of(user, _AUDITED)
        user.save()
        _audit(user, actor=actor, before=before)
    return user


def session_open(*, login: str, password: str) -> TokenPair:
    """Log in by user name or e-mail address.

    Raises InvalidCredentials: the same, after hashing the password once, whether the account is unknown, the password
    wrong or the account inactive.
    """
    user = authenticate(username=login, password=password)
    if not isinstance(user, User):
        raise InvalidCredentials("No active account has this name and this password.")
    pair = tokens.issue(user)
    update_last_login(User, user)
    return pair


def tokens_refresh(*, refresh: str) -> TokenPair:
    """Exchange a refresh token for a new pair; of several at once that bring the same token one succeeds.

    Raises InvalidToken.
    """
    jti = tokens.read(refresh)
    with transaction.atomic():
        row = OutstandingToken.objects.select_for_update().filter(jti=jti).first()
        if row is None or row.user is None or not row.user.is_active:
            raise InvalidToken("The account of this refresh token is not active.")
        _, fresh = BlacklistedToken.objects.get_or_create(token=row)
        if not fresh:
            raise InvalidToken("This refresh token has been used already.")
        return tokens.issue(row.user)


def tokens_revoke(*, user: User, refresh: str) -> None:
    """Log out: spend the user's own refresh token, if it is not spent already. Raises InvalidToken."""
    row = OutstandingToken.objects.filter(jti=tokens.read(refresh), user=user).first()
    if row is None:
        raise InvalidToken("This is not a refresh token of yours.")
    BlacklistedToken.objects.get_or_create(token=row)


def _audit(user: User, *, actor: User | None, before: Mapping[str, Any]) -> None:
    audit_saved(actor=actor, row=user, object_type="account", before=before, fields=_AUDITED, subject=user)


def _set_role(user: User, role: str) -> None:
    user.role = role
    user.is_staff = role in (Role.EDITOR, Role.ADMIN)
    user.is_superuser = role == Role.ADMIN


def _errors(user: User) -> dict[str, list[str]]:
    """Field to messages: what is malformed, and what another account has already."""
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as error:
        return account_conflicts(user) | error.message_dict
    return account_conflicts(user)


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
