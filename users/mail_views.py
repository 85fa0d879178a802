"""Verifying an address, and passwords: changed, or forgotten and set anew by a mail."""

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from users import limits, passwords, verification
from users.permissions import caller
from users.serializers import (
    AccountSerializer,
    AddressSerializer,
    MailedTokenSerializer,
    PasswordChangeSerializer,
    PasswordResetSerializer,
)
from users.views import ACCOUNT, TAGS, PublicView
from utils.openapi import problems
from utils.serializers import valid

_TOKEN = "q7Zk0u5Vb2…"  # noqa: S105 - an example
_ADDRESS = OpenApiExample("An address", request_only=True, value={"email": "ada@example.org"})
_WHOEVER = OpenApiResponse(description="Whether or not there is such an account. If there is, a mail is on its way.")


class VerificationView(PublicView):
    throttle_classes = (limits.MailedTokenLimit,)

    @extend_schema(
        operation_id="address_verify",
        tags=TAGS,
        summary="Verify an e-mail address",
        description="By the token in the mail, once, within three days.",
        request=MailedTokenSerializer,
        responses={200: AccountSerializer, **problems(400, 415)},
        examples=[
            OpenApiExample("From the link", request_only=True, value={"token": _TOKEN}),
            OpenApiExample("Verified", response_only=True, value={**ACCOUNT.value, "is_verified": True}),
        ],
    )
    def post(self, request: Request) -> Response:
        account = verification.address_verify(**valid(MailedTokenSerializer(data=request.data)))
        return Response(AccountSerializer(account).data)


class VerificationAskView(PublicView):
    throttle_classes = (limits.VerificationResendLimit,)

    @extend_schema(
        operation_id="verification_ask",
        tags=TAGS,
        summary="Have the mail that verifies an address sent again",
        description="Links of older mails end when it is sent.",
        request=AddressSerializer,
        responses={202: _WHOEVER, **problems(400, 415)},
        examples=[_ADDRESS],
    )
    def post(self, request: Request) -> Response:
        verification.verification_ask(**valid(AddressSerializer(data=request.data)))
        return Response(status=status.HTTP_202_ACCEPTED)


class PasswordChangeView(APIView):
    throttle_classes = (limits.OwnPasswordLimit,)

    @extend_schema(
        operation_id="password_change",
        tags=TAGS,
        summary="Change one's password",
        description="Ends every session of the account, this one too. A mail tells the owner.",
        request=PasswordChangeSerializer,
        responses={204: OpenApiResponse(description="Changed. Log in again."), **problems(400, 401, 415)},
        examples=[
            OpenApiExample(
                "A new password",
                request_only=True,
                value={"old_password": "correct horse battery staple", "new_password": "eleven grey owls at noon"},
            )
        ],
    )
    def post(self, request: Request) -> Response:
        passwords.password_change(user=caller(request), **valid(PasswordChangeSerializer(data=request.data)))
        return Response(status=status.HTTP_204_NO_CONTENT)


class PasswordResetAskView(PublicView):
    throttle_classes = (limits.PasswordResetLimit,)

    @extend_schema(
        operation_id="password_reset_ask",
        tags=TAGS,
        summary="Have a link mailed that sets a new password",
        description="Links of older mails end when it is sent. At most five mails an hour go to an address.",
        request=AddressSerializer,
        responses={202: _WHOEVER, **problems(400, 415)},
        examples=[_ADDRESS],
    )
    def post(self, request: Request) -> Response:
        passwords.password_reset_ask(**valid(AddressSerializer(data=request.data)))
        return Response(status=status.HTTP_202_ACCEPTED)


class PasswordResetView(PublicView):
    throttle_classes = (limits.MailedTokenLimit,)

    @extend_schema(
        operation_id="password_reset",
        tags=TAGS,
        summary="Set a new password by the link in the mail",
        description="Once, within an hour. Verifies the address and ends every session. A mail tells the owner.",
        request=PasswordResetSerializer,
        responses={204: OpenApiResponse(description="Set. Log in with it."), **problems(400, 415)},
        examples=[
            OpenApiExample(
                "From the link",
                request_only=True,
                value={"token": _TOKEN, "new_password": "eleven grey owls at noon"},
            )
        ],
    )
    def post(self, request: Request) -> Response:
        passwords.password_reset(**valid(PasswordResetSerializer(data=request.data)))
        return Response(status=status.HTTP_204_NO_CONTENT)
