"""Where one is logged in."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from users import selectors
from users.login_sessions import session_revoke
from users.models import Ending, LoginSession
from users.permissions import caller
from users.serializers import LoginSessionSerializer
from utils.openapi import problems

_TAGS = ["Accounts"]
_SESSION = {
    "id": "5f2b8c1e-7a90-4c35-9d1f-2f5f5a0c7e11",
    "device": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "address": "192.0.2.7",
    "created_at": "2026-01-31T09:00:00Z",
    "last_used_at": "2026-01-31T11:30:00Z",
    "expires_at": "2026-02-07T11:30:00Z",
    "current": True,
}


class LoginSessionList(generics.ListAPIView[LoginSession]):
    serializer_class = LoginSessionSerializer

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return LoginSession.objects.none()
        return selectors.login_sessions_of(caller(self.request))

    @extend_schema(
        tags=_TAGS,
        operation_id="login_sessions_list",
        summary="Where one is logged in",
        responses={200: LoginSessionSerializer(many=True), **problems(401, 404)},
        examples=[OpenApiExample("This browser", _SESSION, response_only=True)],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One's log-ins that go on, the last used first. The last use is the log-in or the last refresh."""
        return super().get(request, *args, **kwargs)


class LoginSessionDetail(APIView):
    @extend_schema(
        tags=_TAGS,
        operation_id="login_sessions_revoke",
        summary="Log out elsewhere",
        responses={204: OpenApiResponse(description="None of its tokens is good any more."), **problems(401, 404)},
    )
    def delete(self, request: Request, session_id: UUID) -> Response:
        session = selectors.login_session_get(user=caller(request), session_id=session_id)
        session_revoke(session_id=session.pk, why=Ending.OWNER)
        return Response(status=status.HTTP_204_NO_CONTENT)
