"""Who is let in without an account: holders of a visitor token, and pages of the websites that are allowed."""

from uuid import UUID

from corsheaders.conf import conf as cors
from django.contrib.auth.models import AnonymousUser
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from chat.visitors.tokens import token_read
from utils.errors import PermissionDenied


class VisitorAuthentication(BaseAuthentication):
    """``Authorization: Visitor <token>``. What it proves is in ``request.auth``: the id of a conversation."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, UUID] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return (AnonymousUser(), token_read(token.strip())) if scheme.lower() == "visitor" else None

    def authenticate_header(self, request: Request) -> str:
        return "Visitor"


class VisitorScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # registers itself
    target_class = VisitorAuthentication
    name = "visitorToken"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Visitor` and the `visitor_token` of the last answer, with a space between.",
        }


def proven(request: Request) -> UUID | None:
    """The conversation that the asker has a token for."""
    return request.auth if isinstance(request.auth, UUID) else None


def origin_of(request: Request) -> str:
    """The website whose page asks, as its browser says; empty where no browser does."""
    return request.headers.get("Origin", "").lower()


class AllowedOrigin(BasePermission):
    """Pages of this server and of the websites that are listed, and clients that are no page at all."""

    def has_permission(self, request: Request, view: object) -> bool:
        origin = origin_of(request)
        if origin in ("", f"{request.scheme}://{request.get_host()}".lower(), *cors.CORS_ALLOWED_ORIGINS):
            return True
        raise PermissionDenied("The chat may not be used from this website.", code="origin_not_allowed")
