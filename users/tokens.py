"""JSON web tokens: a short-lived access token, and the refresh token that is exchanged for the next pair.

Both name the log-in session (``sid``) that they belong to and the version of their user's tokens (``ver``). A refresh
token has its number in the session (``seq``) too. What is in it follows from its number and the time that it was made
at, so the same one can be made again and need not be stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken as BaseAccessToken
from rest_framework_simplejwt.tokens import Token

from users.errors import InvalidToken
from users.models import LoginSession
from users.signing import KeyedBackend, backend


@dataclass(frozen=True, slots=True)
class TokenPair:
    access: str
    refresh: str
    session_id: UUID


@dataclass(frozen=True, slots=True)
class Claims:
    session_id: UUID
    version: int
    number: int = 0
    """Of a refresh token, in its session; the first is 1."""


class AccessToken(BaseAccessToken):
    session: LoginSession | None = None
    """Set by the authentication, which reads it."""

    def get_token_backend(self) -> KeyedBackend:
        return backend()


class RefreshToken(Token):
    token_type = "refresh"  # noqa: S105 - a name
    lifetime = api_settings.REFRESH_TOKEN_LIFETIME

    def get_token_backend(self) -> KeyedBackend:
        return backend()


def pair(session: LoginSession, *, number: int, made: float) -> TokenPair:
    """The refresh token of this number, made then (seconds since 1970), and an access token from now on."""
    common = {"user_id": str(session.user_id), "sid": str(session.pk), "ver": session.user.token_version}
    access, refresh = AccessToken(), RefreshToken()
    at = datetime.fromtimestamp(made, UTC)
    refresh.set_iat(at_time=at)
    refresh.set_exp(from_time=at)
    access.payload.update(common)
    refresh.payload.update(common, seq=number, jti=uuid5(session.pk, str(number)).hex)
    return TokenPair(access=str(access), refresh=str(refresh), session_id=session.pk)


def claims_of(payload: Mapping[str, Any]) -> Claims:
    """Of a token that we have signed."""
    return Claims(UUID(payload["sid"]), payload["ver"], payload.get("seq", 0))


def read(refresh: str) -> Claims:
    """What a refresh token says that we signed and that has not expired. Raises InvalidToken."""
    try:
        token = RefreshToken(refresh)  # type: ignore[arg-type]  # the stub wants a Token, the code a str
    except TokenError as error:
        raise InvalidToken("The refresh token is not valid or has expired.") from error
    return claims_of(token.payload)
