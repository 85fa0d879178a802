"""Registration, log-in and one's own profile."""

from typing import Any, cast

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from users import limits, services
from users.models import User
from users.serializers import (
    AccountSerializer,
    AccountUpdateSerializer,
    LoginSerializer,
    RefreshSerializer,
    RegisterSerializer,
    TokenPairSerializer,
)
from utils.openapi import problems

TAGS = ["Accounts"]
ACCOUNT = OpenApiExample(
    "An account",
    response_only=True,
    value={
        "id": 7,
        "username": "ada",
        "email": "ada@example.org",
        "role": "user",
        "is_verified": False,
        "date_joined": "2026-01-31T09:00:00Z",
    },
)
PAIR = OpenApiExample("A pair", response_only=True, value={"access": "eyJhbGciOi…", "refresh": "eyJhbGciOi…"})
REFRESH = OpenApiExample("A refresh token", request_only=True, value={"refresh": "eyJhbGciOi…"})


class PublicView(APIView):
    """Open to everybody; a stale access token in the request does not matter."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


class RegisterView(PublicView):
    throttle_classes = (limits.RegisterLimit,)

    @extend_schema(
        operation_id="account_register",
        tags=TAGS,
        summary="Make an account",
        request=RegisterSerializer,
        responses={201: AccountSerializer, **problems(400, 415)},
        examples=[
            OpenApiExample(
                "A new account",
                request_only=True,
                value={"username": "ada", "email": "ada@example.org", "password": "correct horse battery staple"},
            ),
            ACCOUNT,
        ],
    )
    def post(self, request: Request) -> Response:
        account = services.account_register(**_valid(RegisterSerializer(data=request.data)))
        return Response(AccountSerializer(account).data, status=status.HTTP_201_CREATED)


class LoginView(PublicView):
    throttle_classes = (limits.LoginLimit,)

    @extend_schema(
        operation_id="session_open",
        tags=TAGS,
        summary="Log in",
        description="By user name or by e-mail address. Why a log-in failed is not told.",
        request=LoginSerializer,
        responses={200: TokenPairSerializer, **problems(400, 401, 415)},
        examples=[
            OpenApiExample(
                "By user name",
                request_only=True,
                value={"username": "ada", "password": "correct horse battery staple"},
            ),
            OpenApiExample(
                "By e-mail address",
                request_only=True,
                value={"email": "ada@example.org", "password": "correct horse battery staple"},
            ),
            PAIR,
        ],
    )
    def post(self, request: Request) -> Response:
        pair = services.session_open(**_valid(LoginSerializer(data=request.data)))
        return Response(TokenPairSerializer(pair).data)


class RefreshView(PublicView):
    throttle_classes = (limits.RefreshLimit,)

    @extend_schema(
        operation_id="tokens_refresh",
        tags=TAGS,
        summary="Exchange a refresh token for a new pair",
        description="The token that is sent is spent by this.",
        request=RefreshSerializer,
        responses={200: TokenPairSerializer, **problems(400, 401, 415)},
        examples=[REFRESH, PAIR],
    )
    def post(self, request: Request) -> Response:
        pair = services.tokens_refresh(**_valid(RefreshSerializer(data=request.data)))
        return Response(TokenPairSerializer(pair).data)


@extend_schema_view(
    post=extend_schema(operation_id="tokens_refresh_alias", summary="Exchange a refresh token (another address)")
)
class RefreshAliasView(RefreshView):
    pass


class LogoutView(APIView):
    @extend_schema(
        operation_id="session_close",
        tags=TAGS,
        summary="Log out",
        description="Spends the caller's refresh token. The access token lives on until it expires.",
        request=RefreshSerializer,
        responses={204: OpenApiResponse(description="Logged out."), **problems(400, 401, 415)},
        examples=[REFRESH],
    )
    def post(self, request: Request) -> Response:
        services.tokens_revoke(user=_caller(request), **_valid(RefreshSerializer(data=request.data)))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ProfileView(APIView):
    @extend_schema(
        operation_id="account_read",
        tags=TAGS,
        summary="Read one's own profile",
        responses={200: AccountSerializer, **problems(401)},
        examples=[ACCOUNT],
    )
    def get(self, request: Request) -> Response:
        return Response(AccountSerializer(_caller(request)).data)

    @extend_schema(
        operation_id="account_update",
        tags=TAGS,
        summary="Change one's user name or e-mail address",
        description="A new address counts as not verified. Other fields are not changed here.",
        request=AccountUpdateSerializer,
        responses={200: AccountSerializer, **problems(400, 401, 415)},
        examples=[OpenApiExample("A new address", request_only=True, value={"email": "ada@example.net"}), ACCOUNT],
    )
    def patch(self, request: Request) -> Response:
        account = services.account_update(
            user=_caller(request), **_valid(AccountUpdateSerializer(data=request.data, partial=True))
        )
        return Response(AccountSerializer(account).data)


def _valid(serializer: BaseSerializer[Any]) -> dict[str, str]:
    serializer.is_valid(raise_exception=True)
    data: dict[str, str] = serializer.validated_data
    return data


def _caller(request: Request) -> User:
    return cast("User", request.user)  # nobody else passes IsAuthenticated
