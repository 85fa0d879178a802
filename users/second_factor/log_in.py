"""Logging in with a second factor, in two steps: the password earns a challenge, the challenge and a code the tokens.

A challenge is signed and good for five minutes and for nothing else; nothing is stored. Tokens of an account whose role
needs a second factor, from a log-in without one, open nothing but setting one up (``enrolment_demand``).
"""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import update_last_login
from django.core import signing

from users.login_sessions import tokens_issue
from users.models import LoginSession, User
from users.second_factor.errors import ChallengeInvalid, EnrolmentRequired, SecondFactorRequired
from users.second_factor.selectors import has_second_factor
from users.second_factor.services import second_factor_use
from users.tokens import TokenPair

CHALLENGE_SECONDS = 300
_SALT = "users.second_factor.challenge"
_OPEN = ("/api/auth/totp/", "/api/auth/logout/")
"""What may be done before a second factor that the role needs is set up."""


def needs_second_factor(user: User) -> bool:
    return user.role in settings.REQUIRE_SECOND_FACTOR_ROLES


def second_factor_demand(user: User) -> None:
    """Raises SecondFactorRequired for somebody who has a second factor and has just shown the first."""
    if has_second_factor(user):
        challenge = signing.dumps({"user": user.pk, "version": user.token_version}, salt=_SALT)
        raise SecondFactorRequired(
            "Send the challenge with a code of your authenticator app, or a recovery code, to /api/auth/login/totp/.",
            members={"challenge": challenge, "expires_in": CHALLENGE_SECONDS},
        )


def challenge_answer(*, challenge: str, code: str, at: datetime | None = None) -> User:
    """Who it is that has shown both factors. Raises ChallengeInvalid, SecondFactorInvalid, LimitReached."""
    ended = ChallengeInvalid("The log-in took too long, or the account has changed meanwhile. Log in again.")
    try:
        told = signing.loads(challenge, salt=_SALT, max_age=CHALLENGE_SECONDS)
    except signing.BadSignature:
        raise ended from None
    user = User.objects.filter(pk=told["user"], token_version=told["version"], is_active=True).first()
    if user is None or not has_second_factor(user):
        raise ended
    second_factor_use(user=user, code=code, at=at)
    return user


def session_open_by_code(
    *, challenge: str, code: str, device: str = "", address: str = "", at: datetime | None = None
) -> TokenPair:
    """The second step of a log-in. Raises what ``challenge_answer`` raises."""
    user = challenge_answer(challenge=challenge, code=code, at=at)
    pair = tokens_issue(user=user, device=device, address=address, second_factor=True)
    update_last_login(User, user)
    return pair


def enrolment_demand(session: LoginSession, path: str) -> None:
    """Raises EnrolmentRequired where the role needs a second factor and the log-in was without one."""
    if not session.second_factor and needs_second_factor(session.user) and not path.startswith(_OPEN):
        raise EnrolmentRequired("Your role needs a second factor. Set one up at /api/auth/totp/ first.")
