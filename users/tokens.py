"""JSON web tokens: a short-lived access token and the refresh token that is exchanged for the next pair."""

from dataclasses import dataclass

from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import RefreshToken as BaseRefreshToken

from users.errors import InvalidToken
from users.models import User


@dataclass(frozen=True, slots=True)
class TokenPair:
    access: str
    refresh: str


class RefreshToken(BaseRefreshToken):
    def check_blacklist(self) -> None:
        """Whether the token is spent is not asked here but by the services, which look under a lock."""


def issue(user: User) -> TokenPair:
    """A new pair for ``user``; the refresh token is entered in the list of outstanding tokens."""
    refresh = RefreshToken.for_user(user)
    return TokenPair(access=str(refresh.access_token), refresh=str(refresh))


def read(refresh: str) -> str:
    """The id (``jti``) of a refresh token that we signed and that has not expired. Raises InvalidToken."""
    try:
        return str(RefreshToken(refresh)["jti"])  # type: ignore[arg-type]  # the stub wants a Token, the code a str
    except TokenError as error:
        raise InvalidToken("The refresh token is not valid or has expired.") from error
