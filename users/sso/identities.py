"""Whose account it is that somebody at the provider logs in to.

An account is found by issuer and subject, which nobody can choose. By its e-mail address an account is found once, to
be linked, and only if both sides have proved the address: the provider says so, and the account was verified here. Then
neither an account that somebody has made with another's address nor such an account at the provider opens anything.

Whoever sets a new password by mail has proved the address later than the link was made. So after a change of password
the provider has to vouch for the address once more.
"""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from users.audit import audit_record
from users.models import ExternalIdentity, OutgoingMail, Role, User
from users.outbox import mail_queue
from users.services import role_assign
from users.sso.errors import (
    SsoAccountExists,
    SsoAccountInactive,
    SsoEmailMissing,
    SsoLinkBroken,
    SsoTokenInvalid,
    SsoUnavailable,
)

_RANK = (Role.USER, Role.STUDENT, Role.TEACHER, Role.EDITOR, Role.ADMIN)
Claims = dict[str, Any]


def identity_user(*, claims: Claims) -> User:
    """The account of whoever these claims are about; linked or made, if it is their first log-in.

    Raises SsoError.
    """
    for _ in range(5):
        try:
            with transaction.atomic():
                return _user(claims)
        except IntegrityError:
            continue  # somebody took the name, the address or the identity since we looked
    raise SsoUnavailable("Your account could not be made just now. Please begin again.")


def _user(claims: Claims) -> User:
    issuer, subject = claims["iss"], claims["sub"]
    if not (0 < len(subject) <= 255 and subject.isprintable()):
        raise SsoTokenInvalid("The log-in provider's answer is not valid: its name for you cannot be kept.")
    # The lock is on the account, too: a change of role saves it, and must not undo what somebody else does meanwhile.
    known = ExternalIdentity.objects.select_for_update().select_related("user")
    identity = known.filter(issuer=issuer, subject=subject).first()
    if identity is None:
        user = _linked(claims) or _made(claims)
        identity = ExternalIdentity(user=user, issuer=issuer, subject=subject)
    elif identity.password_mark != _mark(identity.user) and not _proves(claims, identity.user):
        raise SsoLinkBroken(
            "A password was set for this account since your last log-in by the provider. Log in with the password."
        )
    user = identity.user
    if not user.is_active:
        raise SsoAccountInactive("Your account is not active. Ask an admin.")
    _role_follow(user, claims)
    identity.password_mark, identity.last_used_at = _mark(user), timezone.now()
    identity.save()
    return user


def _linked(claims: Claims) -> User | None:
    """The account that has the address already, if it is theirs beyond doubt."""
    address = User.objects.normalize_email(_email(claims))
    user = User.objects.without_case("email", address).select_for_update().first()
    if user is None:
        return None
    if not _proves(claims, user) or user.external_identities.filter(issuer=claims["iss"]).exists():
        raise SsoAccountExists(
            "There is an account with your e-mail address already, and it is not certain that it is yours. "
            "Log in with its password and verify the address, or ask an admin."
        )
    _audit("link", user, claims)
    return user


def _made(claims: Claims) -> User:
    user = User(email=User.objects.normalize_email(_email(claims)), is_verified=_is_verified(claims))
    user.username = next(name for name in _names(claims) if not User.objects.without_case("username", name).exists())
    user.set_unusable_password()
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError:
        raise SsoEmailMissing("The log-in provider tells no e-mail address that could be used.") from None
    waits = settings.REQUIRE_VERIFIED_EMAIL and not user.is_verified
    if waits:
        user.email, user.new_email = "", user.email
    role_assign(user=user, role=_role(claims) or Role.USER)
    if waits:
        mail_queue(kind=OutgoingMail.Kind.VERIFY, address=user.address, user=user)
    _audit("create", user, claims)
    return user


def _names(claims: Claims) -> Iterator[str]:
    """User names, made from what the provider calls somebody."""
    told = (claims.get(name) for name in ("preferred_username", "nickname", "email"))
    plain = (unicodedata.normalize("NFKC", text.partition("@")[0]) for text in told if isinstance(text, str))
    cleaned = (re.sub(r"[^\w.+-]+", "-", text).strip("-.")[:120] for text in plain)
    base = next(filter(None, cleaned), "user")
    yield base
    while True:
        yield f"{base}-{secrets.token_hex(2)}"


def _role_follow(user: User, claims: Claims) -> None:
    """Where roles are mapped, the provider's word counts at each log-in; where not, it never changes a role."""
    role = _role(claims)
    if role and role != user.role:
        before = user.role
        role_assign(user=user, role=role)
        _audit("role", user, claims, before=before, role=role)


def _role(claims: Claims) -> Role | None:
    """The highest of the roles that the claim's values stand for, that of a user if there is none."""
    name, roles = settings.OIDC["ROLE_CLAIM"], settings.OIDC["ROLES"]
    if not name:
        return None
    told: Any = claims.get(name)
    if told is None and "." in name:  # Keycloak: realm_access.roles
        told = claims
        for part in name.split("."):
            told = told.get(part) if isinstance(told, dict) else None
    values = told if isinstance(told, list) else [told]
    found = {roles[value] for value in values if isinstance(value, str) and value in roles}
    return max(map(Role, found), key=_RANK.index, default=Role.USER)


def _email(claims: Claims) -> str:
    email = claims.get("email")
    if not isinstance(email, str) or "@" not in email:
        raise SsoEmailMissing("The log-in provider does not tell your e-mail address, which an account needs.")
    return email


def _is_verified(claims: Claims) -> bool:
    return claims.get("email_verified") in (True, "true")  # some providers make a text of it


def _proves(claims: Claims, user: User) -> bool:
    """Whether the account's address is verified, and the provider vouches for the same."""
    return _is_verified(claims) and user.is_verified and _email(claims).lower() == user.email.lower()


def _mark(user: User) -> str:
    return hashlib.sha256(user.password.encode()).hexdigest()


def _audit(verb: str, user: User, claims: Claims, **detail: str) -> None:
    audit_record(
        actor=user,
        action=f"external_identity.{verb}",
        object_type="user",
        object_id=str(user.pk),
        detail={"owner": user.username, "issuer": claims["iss"], "subject": claims["sub"], **detail},
    )
