"""Who asks: ``Authorization: Bearer …``, with an access token or, in its place, an API key (``gk_…``)."""

from uuid import UUID

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.tokens import Token

from users.api_keys import api_key_use, is_api_key
from users.errors import InvalidToken, ScopeMissing
from users.models import ApiKey, User
from users.second_factor.log_in import enrolment_demand
from users.selectors import login_session_find
from users.tokens import AccessToken, claims_of


class AccessTokenAuthentication(JWTAuthentication):
    """``request.auth`` is the token. Its session and its user are read by one query, so what was revoked is refused."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:  # type: ignore[override]
        found = super().authenticate(request)
        if found is None:
            return None
        user, token = found
        assert isinstance(user, User) and isinstance(token, AccessToken) and token.session  # noqa: S101, PT018
        enrolment_demand(token.session, request.path_info)
        return user, token

    def get_user(self, validated_token: Token) -> User:  # type: ignore[override]  # the stub is of no use here
        claims = claims_of(validated_token.payload)
        session = login_session_find(claims.session_id)
        if session is None or not session.accepts(claims.version):
            raise InvalidToken("The session of this access token has ended, or its account is not active.")
        validated_token.session = session  # type: ignore[attr-defined]
        return session.user


def session_id_of(request: Request) -> UUID:
    """The session of the request's access token, in a view that API keys do not open."""
    assert isinstance(request.auth, AccessToken)  # noqa: S101 - the authentication has seen to it
    return claims_of(request.auth.payload).session_id


class ApiKeyAuthentication(BaseAuthentication):
    """``request.auth`` is the key. A key opens the addresses of its scopes, and no others."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        token = token.strip()
        if kind.lower() != "bearer" or not is_api_key(token):
            return None
        key = api_key_use(key=token)
        needed = scopes_of(request.path_info)
        if needed.isdisjoint(key.scopes):
            ways = f"one with the scope {' or '.join(sorted(needed))}" if needed else "an access token"
            raise ScopeMissing(f"This API key is not for this address, which takes {ways}.")
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def scopes_of(path: str) -> set[str]:
    """The scopes that open an address; most are opened by none."""
    return {scope for scope, beginnings in settings.API_KEY_SCOPES.items() if path.startswith(beginnings)}
