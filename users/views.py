"""Registration, log-in and one's own profile."""

from django.conf import settings
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from users import limits, login_sessions, services
from users.authentication import session_id_of
from users.cookies import HEADER, cookies_forget, refresh_from_cookie, tokens_answer
from users.erasing import account_erase_own
from users.models import Ending
from users.permissions import caller
from users.serializers import (
    AccountEraseSerializer,
    AccountSerializer,
    AccountUpdateSerializer,
    LoginSerializer,
    ProfileSerializer,
    RefreshSerializer,
    RegisterSerializer,
    TokenPairSerializer,
)
from utils.client_address import client_address
from utils.openapi import problems
from utils.serializers import valid

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
        description=(
            "A mail is sent by which the address is verified. Where that is required, an address that somebody has "
            "already is not refused: the answer is the same, and the mail says that there is an account."
        ),
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
        account = services.account_register(**valid(RegisterSerializer(data=request.data)))
        return Response(AccountSerializer(account).data, status=status.HTTP_201_CREATED)


class LoginView(PublicView):
    throttle_classes = (limits.LoginLimit,)

    @extend_schema(
        operation_id="session_open",
        tags=TAGS,
        summary="Log in",
        description=(
            "By user name or by e-mail address. Why a log-in failed is not told; 403 `email_not_verified` answers the "
            "right password only, where verification is required. An account with a second factor gets 401 "
            "`second_factor_required` with a `challenge` for `login/totp/`. Where `AUTH_COOKIES` is set, the refresh "
            "token is in a cookie and not in the answer."
        ),
        request=LoginSerializer,
        responses={200: TokenPairSerializer, **problems(400, 401, 403, 415)},
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
        pair = services.session_open(
            **valid(LoginSerializer(data=request.data)),
            device=request.headers.get("User-Agent", ""),
            address=client_address(request),
        )
        return tokens_answer(pair)


class RefreshView(PublicView):
    throttle_classes = (limits.RefreshLimit,)

    @extend_schema(
        operation_id="tokens_refresh",
        tags=TAGS,
        summary="Exchange a refresh token for a new pair",
        description=(
            "The token that is sent is spent by this. Sent again within 10 seconds it is answered by the same "
            "successor; sent later, its session is ended. Where `AUTH_COOKIES` is set, the token is taken from its "
            "cookie, the body is not read, and the header `X-Auth-CSRF` must hold the value of the cookie "
            "`grounded_csrf`."
        ),
        request=RefreshSerializer,
        parameters=[OpenApiParameter(HEADER, str, OpenApiParameter.HEADER, description="With cookies only.")],
        responses={200: TokenPairSerializer, **problems(400, 401, 403, 415)},
        examples=[REFRESH, PAIR],
    )
    def post(self, request: Request) -> Response:
        refresh = refresh_from_cookie(request) if settings.AUTH_COOKIES else _refresh_of(request)
        return tokens_answer(login_sessions.tokens_refresh(refresh=refresh, address=client_address(request)))


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
        description=(
            "Ends the session that the refresh token belongs to: its access tokens are refused from then on, too. "
            "Where `AUTH_COOKIES` is set, it is the session of the access token, and the body is not read."
        ),
        request=RefreshSerializer,
        responses={204: OpenApiResponse(description="Logged out."), **problems(400, 401, 415)},
        examples=[REFRESH],
    )
    def post(self, request: Request) -> Response:
        response = Response(status=status.HTTP_204_NO_CONTENT)
        if settings.AUTH_COOKIES:
            login_sessions.session_revoke(session_id=session_id_of(request), why=Ending.LOG_OUT)
            cookies_forget(response)
        else:
            login_sessions.session_close(user=caller(request), refresh=_refresh_of(request))
        return response


class ProfileView(APIView):
    throttle_classes = (limits.OwnPasswordLimit,)

    @extend_schema(
        operation_id="account_read",
        tags=TAGS,
        summary="Read one's own profile",
        responses={200: ProfileSerializer, **problems(401)},
        examples=[ACCOUNT],
    )
    def get(self, request: Request) -> Response:
        return Response(ProfileSerializer(caller(request)).data)

    @extend_schema(
        operation_id="account_update",
        tags=TAGS,
        summary="Change one's user name or e-mail address",
        description=(
            "A mail is sent by which a new address is verified. Where that is required, the old address stays in use "
            "until then, and the new one is told as `new_email`. Other fields are not changed here."
        ),
        request=AccountUpdateSerializer,
        responses={200: ProfileSerializer, **problems(400, 401, 415)},
        examples=[OpenApiExample("A new address", request_only=True, value={"email": "ada@example.net"}), ACCOUNT],
    )
    def patch(self, request: Request) -> Response:
        account = services.account_update(
            user=caller(request), **valid(AccountUpdateSerializer(data=request.data, partial=True))
        )
        return Response(ProfileSerializer(account).data)

    @extend_schema(
        operation_id="account_erase",
        tags=TAGS,
        summary="Erase one's account",
        request=AccountEraseSerializer,
        responses={
            204: OpenApiResponse(description="The account and all that it wrote are gone."),
            **problems(400, 401, 409, 415),
        },
        examples=[
            OpenApiExample("The password", request_only=True, value={"password": "correct horse battery staple"})
        ],
    )
    def delete(self, request: Request) -> Response:
        """It cannot be undone. The last admin's account stays: 409 `last_admin`."""
        account_erase_own(user=caller(request), **valid(AccountEraseSerializer(data=request.data)))
        response = Response(status=status.HTTP_204_NO_CONTENT)
        if settings.AUTH_COOKIES:
            cookies_forget(response)
        return response


def _refresh_of(request: Request) -> str:
    token: str = valid(RefreshSerializer(data=request.data))["refresh"]
    return token
