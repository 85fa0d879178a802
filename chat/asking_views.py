"""Whatever is answered: what the views that ask have in common, and asking once more or something else."""

from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat import selectors, services, sse
from chat.beginning import exchange_begin
from chat.exchanges import answer_stop
from chat.idempotency import request_key
from chat.serializers import ExchangeSerializer, MessageSerializer, QuestionSerializer
from users.permissions import caller
from utils.openapi import EventSerializer, problems
from utils.serializers import valid

TAG = ["Chat"]
QUESTION = OpenApiExample("A question", {"content": "How do I index a PDF?"}, request_only=True)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Chosen by the client for each request; sent again, it has the first answer. Good for 24 hours.",
)
ASKED: dict[Any, Any] = {
    (201, "application/json"): ExchangeSerializer,
    (200, sse.MEDIA_TYPE): OpenApiResponse(
        EventSerializer,
        "Server-sent events: `sources`, `delta`…, perhaps `restart`, then `done` with the bot's message or `error`.",
        examples=[OpenApiExample("Events", sse.EXAMPLE, media_type=sse.MEDIA_TYPE)],
    ),
    **problems(400, 401, 404, 409, 422, 429),
}


class Asking(APIView):
    """Answers are streamed to whoever asks for events."""

    def get_renderers(self) -> list[Any]:
        renderers: list[Any] = super().get_renderers()
        return [*renderers, sse.EventStreamRenderer()] if self.request and self.request.method == "POST" else renderers


def answered(request: Request, **asked: Any) -> HttpResponseBase:
    """As JSON or as events. Asked is what :func:`services.question_ask` takes."""
    asked |= {"user": caller(request), "key": request_key(request)}
    if request.accepted_renderer.media_type == sse.MEDIA_TYPE:
        return sse.event_stream_response(exchange_begin(**asked))
    exchange = services.question_ask(**asked)
    return Response(ExchangeSerializer(exchange).data, status=status.HTTP_201_CREATED, headers=dict(exchange.headers))


class MessageRegenerate(Asking):
    @extend_schema(
        tags=TAG,
        operation_id="chat_messages_regenerate",
        summary="Answer a question once more",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses=ASKED,
    )
    def post(self, request: Request, message_id: UUID) -> HttpResponseBase:
        """The new answer is beside the old one and is shown; it is made anew, not taken from answers that are kept."""
        return answered(request, beside=selectors.answer_get(user=caller(request), message_id=message_id))


class MessageEdit(Asking):
    @extend_schema(
        tags=TAG,
        operation_id="chat_messages_edit",
        summary="Ask something else in the place of a question",
        parameters=[IDEMPOTENCY_KEY],
        request=QuestionSerializer,
        responses=ASKED,
        examples=[QUESTION],
    )
    def post(self, request: Request, message_id: UUID) -> HttpResponseBase:
        """The new question is beside the old one, is answered, and is shown; what came after the old one stays."""
        question = selectors.question_get(user=caller(request), message_id=message_id)
        content = valid(QuestionSerializer(data=request.data))["content"]
        return answered(request, beside=question, content=content)


class MessageChoose(APIView):
    @extend_schema(
        tags=TAG,
        operation_id="chat_messages_choose",
        summary="Show another version",
        request=None,
        responses={200: MessageSerializer, **problems(401, 404)},
    )
    def post(self, request: Request, message_id: UUID) -> Response:
        """Shows this message instead of those beside it, with what comes before and after it."""
        message = selectors.message_get(user=caller(request), message_id=message_id)
        return Response(MessageSerializer(services.message_choose(message=message)).data)


class MessageStop(APIView):
    @extend_schema(
        tags=TAG,
        operation_id="chat_messages_stop",
        summary="Stop an answer",
        request=None,
        responses={200: MessageSerializer, **problems(401, 404)},
    )
    def post(self, request: Request, message_id: UUID) -> Response:
        """What is written of it is kept; the last of that is saved within a second. An answer that has ended stays."""
        message = selectors.message_get(user=caller(request), message_id=message_id)
        return Response(MessageSerializer(answer_stop(message=message)).data)
