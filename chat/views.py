"""The chat API."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat import selectors, services
from chat.models import Message, Session
from chat.serializers import (
    ExchangeSerializer,
    FreeQuestionSerializer,
    HistorySerializer,
    MessageSerializer,
    QuestionSerializer,
    SessionSerializer,
)
from users.models import User
from users.permissions import caller
from utils.openapi import problems

_TAG = ["Chat"]
_RECENT = 20
_QUESTION = OpenApiExample("A question", {"content": "How do I index a PDF?"}, request_only=True)


class SessionList(generics.ListAPIView[Session]):
    serializer_class = SessionSerializer

    def get_queryset(self) -> Any:
        return selectors.sessions_of(caller(self.request))

    @extend_schema(
        tags=_TAG,
        operation_id="chat_sessions_list",
        summary="Own sessions",
        responses={200: SessionSerializer(many=True), **problems(401, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The latest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=_TAG,
        operation_id="chat_sessions_create",
        summary="Begin a session",
        request=SessionSerializer,
        responses={201: SessionSerializer, **problems(400, 401)},
        examples=[OpenApiExample("With a title", {"title": "Onboarding"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Without a title it is named after its first question."""
        data = SessionSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        session = services.session_create(user=caller(request), **data.validated_data)
        return Response(SessionSerializer(session).data, status=status.HTTP_201_CREATED)


class SessionDetail(APIView):
    @extend_schema(
        tags=_TAG,
        operation_id="chat_sessions_retrieve",
        summary="One session",
        responses={200: SessionSerializer, **problems(401, 404)},
    )
    def get(self, request: Request, session_id: UUID) -> Response:
        return Response(SessionSerializer(selectors.session_get(user=caller(request), session_id=session_id)).data)

    @extend_schema(
        tags=_TAG,
        operation_id="chat_sessions_rename",
        summary="Rename a session",
        request=SessionSerializer,
        responses={200: SessionSerializer, **problems(400, 401, 404)},
    )
    def patch(self, request: Request, session_id: UUID) -> Response:
        session = selectors.session_get(user=caller(request), session_id=session_id)
        data = SessionSerializer(session, data=request.data, partial=True)
        data.is_valid(raise_exception=True)
        session = services.session_rename(session=session, title=data.validated_data.get("title", session.title))
        return Response(SessionSerializer(session).data)

    @extend_schema(
        tags=_TAG,
        operation_id="chat_sessions_delete",
        summary="Delete a session",
        responses={204: None, **problems(401, 404)},
    )
    def delete(self, request: Request, session_id: UUID) -> Response:
        """Its messages go with it."""
        services.session_delete(session=selectors.session_get(user=caller(request), session_id=session_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class SessionMessages(generics.ListAPIView[Message]):
    serializer_class = MessageSerializer

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Message.objects.none()
        session = selectors.session_get(user=caller(self.request), session_id=self.kwargs["session_id"])
        return selectors.messages_of(caller(self.request)).filter(session=session).order_by("position")

    @extend_schema(
        tags=_TAG,
        operation_id="chat_session_messages_list",
        summary="Messages of a session",
        responses={200: MessageSerializer(many=True), **problems(401, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """In the order in which they were written."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=_TAG,
        operation_id="chat_session_messages_create",
        summary="Ask in a session",
        request=QuestionSerializer,
        responses={201: ExchangeSerializer, **problems(400, 401, 404)},
        examples=[_QUESTION],
    )
    def post(self, request: Request, session_id: UUID) -> Response:
        session = selectors.session_get(user=caller(request), session_id=session_id)
        data = QuestionSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        return _asked(caller(request), data.validated_data["content"], session)


class MessageCreate(APIView):
    @extend_schema(
        tags=_TAG,
        operation_id="chat_messages_create",
        summary="Ask a question",
        request=FreeQuestionSerializer,
        responses={201: ExchangeSerializer, **problems(400, 401, 404)},
        examples=[_QUESTION],
    )
    def post(self, request: Request) -> Response:
        """In the session that is named, else in a new one."""
        data = FreeQuestionSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        session_id = data.validated_data.get("session_id")
        session = selectors.session_get(user=caller(request), session_id=session_id) if session_id else None
        return _asked(caller(request), data.validated_data["content"], session)


class MessageDetail(APIView):
    @extend_schema(
        tags=_TAG,
        operation_id="chat_messages_retrieve",
        summary="One message",
        responses={200: MessageSerializer, **problems(401, 404)},
    )
    def get(self, request: Request, message_id: UUID) -> Response:
        return Response(MessageSerializer(selectors.message_get(user=caller(request), message_id=message_id)).data)


class History(APIView):
    @extend_schema(
        tags=_TAG,
        operation_id="chat_history",
        summary="Own sessions and latest messages",
        parameters=[OpenApiParameter("q", str, description="Only messages that hold these words, and their sessions.")],
        responses={200: HistorySerializer, **problems(401)},
    )
    def get(self, request: Request) -> Response:
        """At most 20 of each, the latest first, with the totals."""
        sessions = selectors.sessions_of(caller(request))
        messages = selectors.messages_of(caller(request))
        if query := request.query_params.get("q", "").replace("\0", ""):
            messages = messages.filter(content__icontains=query)
            sessions = sessions.filter(pk__in=messages.order_by().values("session"))
        body = {
            "sessions": sessions[:_RECENT],
            "recent_messages": messages.order_by("-timestamp", "-position")[:_RECENT],
            "total_sessions": sessions.count(),
            "total_messages": messages.count(),
        }
        return Response(HistorySerializer(body).data)


def _asked(user: User, content: str, session: Session | None) -> Response:
    exchange = services.question_ask(user=user, content=content, session=session)
    return Response(ExchangeSerializer(exchange).data, status=status.HTTP_201_CREATED)
