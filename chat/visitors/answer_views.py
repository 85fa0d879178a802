"""What a visitor does with an answer."""

from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from chat.asking_views import Asking
from chat.exchanges import answer_stop
from chat.models import Message
from chat.selectors import answer_get
from chat.serializers import FeedbackSerializer, MessageSerializer
from chat.services import feedback_give
from chat.visitors.access import proven
from chat.visitors.selectors import visitor_session_get
from chat.visitors.views import ANSWERED, TAG, VisitorView, visitor_answered
from utils.openapi import problems
from utils.serializers import valid


class VisitorRegenerate(VisitorView, Asking):
    @extend_schema(
        tags=TAG,
        operation_id="visitors_answer_regenerate",
        summary="Answer a visitor's question once more",
        request=None,
        responses={**ANSWERED, **problems(401, 403, 404, 409, 429)},
    )
    def post(self, request: Request, session_id: UUID, message_id: UUID) -> HttpResponseBase:
        """Streams as `ask/` does, and counts as a question. The new answer is shown in the place of the old one."""
        return visitor_answered(request, session_id=session_id, again=message_id)


class VisitorStop(VisitorView):
    @extend_schema(
        tags=TAG,
        operation_id="visitors_answer_stop",
        summary="Stop an answer to a visitor",
        request=None,
        responses={200: MessageSerializer, **problems(401, 403, 404, 409)},
    )
    def post(self, request: Request, session_id: UUID, message_id: UUID) -> Response:
        """What is written of it is kept; the last of that is saved within a second. An answer that has ended stays."""
        answer = _answer(request, session_id, message_id)
        return Response(MessageSerializer(answer_stop(message=answer)).data)


class VisitorFeedback(VisitorView):
    @extend_schema(
        tags=TAG,
        operation_id="visitors_answer_feedback",
        summary="Say whether an answer helped a visitor",
        request=FeedbackSerializer,
        responses={200: MessageSerializer, **problems(400, 401, 403, 404, 409, 415)},
        examples=[OpenApiExample("Helpful", {"feedback": "helpful"}, request_only=True)],
    )
    def post(self, request: Request, session_id: UUID, message_id: UUID) -> Response:
        answer = _answer(request, session_id, message_id)
        given = valid(FeedbackSerializer(data=request.data))
        return Response(MessageSerializer(feedback_give(answer=answer, **given)).data)


def _answer(request: Request, session_id: UUID, message_id: UUID) -> Message:
    session = visitor_session_get(session_id=session_id, proven=proven(request))
    return answer_get(user=session.owner, message_id=message_id)
