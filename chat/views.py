"""The chat API."""

from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat import selectors, services
from chat.asking_views import ASKED, IDEMPOTENCY_KEY, QUESTION, Asking, answered
from chat.models import Message, Session
from chat.searching import history, sessions_found
from chat.serializers import (
    FreeQuestionSerializer,
    HistoryQuerySerializer,
    HistorySerializer,
    MessageSerializer,
    MessagesQuerySerializer,
    QuestionSerializer,
    SearchQuerySerializer,
    SessionSerializer,
)
from users.permissions import caller
from utils.openapi import problems
from utils.serializers import valid

_TAG = ["Chat"]


class SessionList(generics.ListAPIView[Session]):
    serializer_class = SessionSerializer

    def get_queryset(self) -> Any:
        query = valid(SearchQuerySerializer(data=self.request.query_params))
        return sessions_found(user=caller(self.request), query=query["q"])

    @extend_schema(
        tags=_TAG,
        operation_id="chat_sessions_list",
        summary="Own sessions",
        parameters=[SearchQuerySerializer],
        responses={200: SessionSerializer(many=True), **problems(400, 401, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The latest first; with `q` those whose title or one of whose messages has all of the words."""
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
        data = valid(SessionSerializer(data=request.data))
        session = services.session_create(user=caller(request), **data)
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
        data = valid(SessionSerializer(session, data=request.data, partial=True))
        session = services.session_rename(session=session, title=data.get("title", session.title))
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


class SessionMessages(Asking, generics.ListAPIView[Message]):
    serializer_class = MessageSerializer

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Message.objects.none()
        session = selectors.session_get(user=caller(self.request), session_id=self.kwargs["session_id"])
        query = valid(MessagesQuerySerializer(data=self.request.query_params))
        return selectors.messages_shown(session=session, every=query["all"])

    @extend_schema(
        tags=_TAG,
        operation_id="chat_session_messages_list",
        summary="Messages of a session",
        parameters=[MessagesQuerySerializer],
        responses={200: MessageSerializer(many=True), **problems(400, 401, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """In the order in which they were written; of several versions the one that is shown, unless `all` is set."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=_TAG,
        operation_id="chat_session_messages_create",
        summary="Ask in a session",
        parameters=[IDEMPOTENCY_KEY],
        request=QuestionSerializer,
        responses=ASKED,
        examples=[QUESTION],
    )
    def post(self, request: Request, session_id: UUID) -> HttpResponseBase:
        """As one JSON answer, or with `Accept: text/event-stream` as events while it is written."""
        session = selectors.session_get(user=caller(request), session_id=session_id)
        content = valid(QuestionSerializer(data=request.data))["content"]
        return answered(request, content=content, session=session)


class MessageCreate(Asking):
    @extend_schema(
        tags=_TAG,
        operation_id="chat_messages_create",
        summary="Ask a question",
        parameters=[IDEMPOTENCY_KEY],
        request=FreeQuestionSerializer,
        responses=ASKED,
        examples=[QUESTION],
    )
    def post(self, request: Request) -> HttpResponseBase:
        """In the session that is named, else in a new one. Streams as the messages of a session do."""
        data = valid(FreeQuestionSerializer(data=request.data))
        session_id = data.get("session_id")
        session = selectors.session_get(user=caller(request), session_id=session_id) if session_id else None
        return answered(request, content=data["content"], session=session)


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
        parameters=[HistoryQuerySerializer],
        responses={200: HistorySerializer, **problems(400, 401)},
    )
    def get(self, request: Request) -> Response:
        """A page of each, the latest first, with the totals; with `q` only what has all of the words."""
        query = valid(HistoryQuerySerializer(data=request.query_params))
        return Response(HistorySerializer(history(user=caller(request), **query)).data)
