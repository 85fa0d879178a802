"""One's own second factor, and the second step of a log-in."""

import segno
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from users.authentication import session_id_of
from users.cookies import tokens_answer
from users.limits import SignOnLimit
from users.permissions import caller
from users.second_factor import codes, services
from users.second_factor.log_in import needs_second_factor, session_open_by_code
from users.second_factor.selectors import recovery_codes_left
from users.second_factor.serializers import (
    ConfirmSerializer,
    DisableSerializer,
    EnrolmentSerializer,
    LoginCodeSerializer,
    RecoveryCodesSerializer,
    SecondFactorSerializer,
)
from users.serializers import TokenPairSerializer
from users.views import PAIR, PublicView
from utils.client_address import client_address
from utils.openapi import problems
from utils.serializers import valid

_TAGS = ["Accounts"]
_ENROLMENT = {
    "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    "uri": "otpauth://totp/Grounded:edda?digits=6&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&algorithm=SHA1&…",
    "qr": "data:image/svg+xml;charset=utf-8,%3Csvg…",
}


class LoginCodeView(PublicView):
    throttle_classes = (SignOnLimit,)

    @extend_schema(
        operation_id="session_open_by_code",
        tags=_TAGS,
        summary="Log in: the second step",
        description=(
            "For an account with a second factor, whose log-in answered `second_factor_required` with a challenge. "
            "A challenge is good for 5 minutes, a code once. After 5 wrong codes in 5 minutes the account waits."
        ),
        request=LoginCodeSerializer,
        responses={200: TokenPairSerializer, **problems(400, 401, 403, 415, 429)},
        examples=[
            OpenApiExample("A code", {"challenge": "eyJ1c2VyIjo3…", "code": "492039"}, request_only=True),
            PAIR,
        ],
    )
    def post(self, request: Request) -> Response:
        data = valid(LoginCodeSerializer(data=request.data))
        pair = session_open_by_code(
            challenge=data["challenge"],
            code=data["code"],
            device=request.headers.get("User-Agent", ""),
            address=client_address(request),
        )
        return tokens_answer(pair)


class SecondFactorView(APIView):
    @extend_schema(
        operation_id="second_factor_read",
        tags=_TAGS,
        summary="Whether one has a second factor",
        responses={200: SecondFactorSerializer, **problems(401)},
        examples=[OpenApiExample("Set up", {"enabled": True, "required": True, "recovery_codes_left": 10})],
    )
    def get(self, request: Request) -> Response:
        user = caller(request)
        left = recovery_codes_left(user)
        state = {
            "enabled": left is not None,
            "required": needs_second_factor(user),
            "recovery_codes_left": left or 0,
        }
        return Response(SecondFactorSerializer(state).data)

    @extend_schema(
        operation_id="second_factor_enrol",
        tags=_TAGS,
        summary="Begin to set up a second factor",
        description="Nothing changes until a code confirms it. Called again, the secret is another one.",
        request=None,
        responses={200: EnrolmentSerializer, **problems(401, 409)},
        examples=[OpenApiExample("A secret", _ENROLMENT, response_only=True)],
    )
    def post(self, request: Request) -> Response:
        user = caller(request)
        secret = services.second_factor_enrol(user=user)
        uri = codes.secret_uri(secret, user.username)
        picture = segno.make(uri, micro=False).svg_data_uri(scale=4, light="#fff")
        body = {"secret": codes.secret_text(secret), "uri": uri, "qr": picture}
        return Response(EnrolmentSerializer(body).data, headers={"Cache-Control": "no-store"})


class SecondFactorConfirmView(APIView):
    @extend_schema(
        operation_id="second_factor_confirm",
        tags=_TAGS,
        summary="Set up a second factor",
        description="From then on log-ins need a code. All other sessions of the account are ended.",
        request=ConfirmSerializer,
        responses={200: RecoveryCodesSerializer, **problems(400, 401, 409, 415, 429)},
        examples=[
            OpenApiExample("A first code", {"code": "492039"}, request_only=True),
            OpenApiExample("Done", {"recovery_codes": ["JBSW-Y3DP-EHPK-3PXP"]}, response_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        code = valid(ConfirmSerializer(data=request.data))["code"]
        made = services.second_factor_confirm(user=caller(request), code=code, session_id=session_id_of(request))
        return Response({"recovery_codes": made}, headers={"Cache-Control": "no-store"})


class SecondFactorDisableView(APIView):
    @extend_schema(
        operation_id="second_factor_disable",
        tags=_TAGS,
        summary="Do without a second factor",
        request=DisableSerializer,
        responses={204: OpenApiResponse(description="Disabled."), **problems(400, 401, 409, 415, 429)},
        examples=[
            OpenApiExample(
                "Password and code", {"password": "correct horse battery staple", "code": "492039"}, request_only=True
            )
        ],
    )
    def post(self, request: Request) -> Response:
        services.second_factor_disable(user=caller(request), **valid(DisableSerializer(data=request.data)))
        return Response(status=status.HTTP_204_NO_CONTENT)
