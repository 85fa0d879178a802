"""Who asks, by an API key in the place of an access token: ``Authorization: Bearer gk_…``."""

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from users.api_keys import api_key_use, is_api_key
from users.errors import ScopeMissing
from users.models import ApiKey, User


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
