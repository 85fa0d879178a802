"""What changes accounts. Their log-in sessions are in users/login_sessions.py."""

from django.contrib.auth import authenticate
from django.contrib.auth.models import update_last_login
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from users.errors import InvalidCredentials
from users.login_sessions import tokens_issue as tokens_issue
from users.login_sessions import tokens_revoke_all as tokens_revoke_all
from users.models import Role, User
from users.second_factor.log_in import second_factor_demand
from users.selectors import account_conflicts
from users.tokens import TokenPair
from utils.errors import InvalidInput


def account_register(*, username: str, email: str, password: str) -> User:
    """An account that somebody makes for themselves. Raises InvalidInput with ``errors`` by field."""
    return account_create(username=username, email=email, password=password, role=Role.USER, is_verified=False)


def account_create(*, username: str, email: str, password: str, role: str, is_verified: bool = True) -> User:
    """An account with any role, whose maker vouches for the address. Raises InvalidInput with ``errors`` by field."""
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
    _save(user)
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
    _save(user, fields=["username", "email", "is_verified"])
    return user


def role_assign(*, user: User, role: str) -> User:
    """Save ``user`` with this role and the rights on the admin site that come with it.

    Another role than before, or being made inactive, revokes all of the user's tokens.
    """
    _set_role(user, role)
    with transaction.atomic():
        before = User.objects.select_for_update().filter(pk=user.pk).first()
        user.token_version = before.token_version if before else user.token_version  # it may have been raised since
        user.save()
        if before and (before.role, before.is_active) != (user.role, user.is_active):
            tokens_revoke_all(user=user)
    return user


def session_open(*, login: str, password: str, device: str = "", address: str = "") -> TokenPair:
    """Log in by user name or e-mail address, on this device and from this address of the network.

    Raises SecondFactorRequired, and InvalidCredentials: the same, after hashing the password once, whether the account
    is unknown, the password wrong or the account inactive.
    """
    user = authenticate(username=login, password=password)
    if not isinstance(user, User):
        raise InvalidCredentials("No active account has this name and this password.")
    second_factor_demand(user)
    pair = tokens_issue(user=user, device=device, address=address)
    update_last_login(User, user)
    return pair


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
