"""The API of tutoring."""

from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.asking_views import IDEMPOTENCY_KEY, Asking
from chat.idempotency import request_key
from chat.sse import MEDIA_TYPE
from learning.models import TutoringSession
from learning.tutoring.selectors import account_find, session_get
from learning.tutoring.serializers import (
    LearnerMessageSerializer,
    ReplySerializer,
    TutoringDetailSerializer,
    TutoringSessionSerializer,
    TutoringStartSerializer,
)
from learning.tutoring.services import session_start
from learning.tutoring.streaming import EXAMPLE, turn_stream_response
from learning.tutoring.turns import turn_begin, turn_run
from users.models import ApiKey, Role, User
from users.permissions import caller
from utils.errors import NotFound
from utils.openapi import EventSerializer, problems
from utils.serializers import valid

_TAGS = ["Tutoring"]
_ID = OpenApiParameter("session_id", UUID, OpenApiParameter.PATH)
_ALSO = "Also without the trailing slash."


def is_service(request: Request) -> bool:
    """Whether another program asks on behalf of learners: by an admin's API key, which has the scope ``tutoring``."""
    return isinstance(request.auth, ApiKey) and caller(request).role == Role.ADMIN


def _learner(request: Request, user_id: int) -> User:
    """Raises NotFound for anybody else's id, unless a service asks."""
    user = caller(request)
    if user_id == user.pk:
        return user
    found = account_find(user_id=user_id) if is_service(request) else None
    if found is None:
        raise NotFound("You may start tutoring for your own account; services do so with an API key for tutoring.")
    return found


def _session(request: Request, session_id: str) -> TutoringSession:
    return session_get(viewer=caller(request), service=is_service(request), session_id=UUID(session_id))


class TutoringStart(APIView):
    @extend_schema(
        tags=_TAGS,
        operation_id="tutoring_start",
        summary="Start tutoring in a topic",
        request=TutoringStartSerializer,
        responses={200: TutoringSessionSerializer, **problems(400, 401, 404, 503)},
        examples=[OpenApiExample("A topic", {"user_id": 7, "topic_id": 12, "course_id": 3}, request_only=True)],
        description=f"A learner has one active session of a topic: started again, it is that one. {_ALSO}",
    )
    def post(self, request: Request) -> Response:
        data = valid(TutoringStartSerializer(data=request.data))
        learner = _learner(request, data["user_id"])
        session = session_start(
            user=learner,
            topic_key=data["topic_id"],
            course_key=data["course_id"],
            actor=caller(request) if learner != caller(request) else None,
        )
        return Response(TutoringSessionSerializer(session).data)


class TutoringDetail(APIView):
    @extend_schema(
        tags=_TAGS,
        operation_id="tutoring_retrieve",
        summary="A tutoring session with its messages",
        parameters=[_ID],
        responses={200: TutoringDetailSerializer, **problems(401, 404)},
        description=_ALSO,
    )
    def get(self, request: Request, session_id: str) -> Response:
        return Response(TutoringDetailSerializer(_session(request, session_id)).data)


class TutoringMessageCreate(Asking):
    @extend_schema(
        tags=_TAGS,
        operation_id="tutoring_message",
        summary="Write to the tutor",
        parameters=[_ID, IDEMPOTENCY_KEY],
        request=LearnerMessageSerializer,
        responses={
            (200, "application/json"): ReplySerializer,
            (200, MEDIA_TYPE): OpenApiResponse(
                EventSerializer,
                "Server-sent events: `delta`…, perhaps `restart`, then `done` with the whole answer, or `error`.",
                examples=[OpenApiExample("Events", EXAMPLE, media_type=MEDIA_TYPE)],
            ),
            **problems(400, 401, 404, 409, 422, 429),
        },
        examples=[OpenApiExample("An answer", {"message": "It lasts four weeks."}, request_only=True)],
        description=f"If the tutor has asked something, this message is taken as the answer to it. {_ALSO}",
    )
    def post(self, request: Request, session_id: str) -> HttpResponseBase:
        session = _session(request, session_id)
        content = valid(LearnerMessageSerializer(data=request.data))["message"]
        turn = turn_begin(session=session, content=content, key=request_key(request))
        if request.accepted_renderer.media_type == MEDIA_TYPE:
            return turn_stream_response(turn)
        answer = turn.answer or turn_run(turn)
        told: dict[str, Any] = dict(ReplySerializer(answer).data)
        return Response(told, headers=dict(turn.headers))
