"""The API of the single-question assistant."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat import selectors, services
from chat.asking_views import IDEMPOTENCY_KEY
from chat.assistant_serializers import (
    AssistantFeedbackSerializer,
    PastQueriesLimitSerializer,
    PastQueriesSerializer,
    QueryAnswerSerializer,
    QuerySerializer,
    SuccessSerializer,
)
from chat.idempotency import request_key
from chat.models import Kind
from users.permissions import caller
from utils.openapi import problems
from utils.serializers import valid

_TAG = ["Assistant"]
_CALLS = [{"name": "search_knowledge_base", "args": {"query": "How long does a loan last?"}, "outcome": "ok"}]
_ANSWER: dict[str, Any] = {
    "message_id": "5a0c1c4e-6c5b-4f36-9a0c-2f4b5f3b9a10",
    "response": "A loan lasts four weeks. [1]",
    "function_calls": _CALLS,
    "response_time_ms": 120,
    "citations": [],
    "grounded": True,
    "status": "complete",
}


class AssistantQuery(APIView):
    @extend_schema(
        tags=_TAG,
        operation_id="assistant_query",
        summary="Ask a single question",
        parameters=[IDEMPOTENCY_KEY],
        request=QuerySerializer,
        responses={200: QueryAnswerSerializer, **problems(400, 401, 409, 422, 429)},
        examples=[
            OpenApiExample("A question", {"query": "How long does a loan last?"}, request_only=True),
            OpenApiExample("Its answer", _ANSWER, response_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        """Answered by the functions that your role may call; `function_calls` says which were. It remembers nothing of
        earlier questions, and counts against the same limits as the chat."""
        query = valid(QuerySerializer(data=request.data))["query"]
        asked = services.question_ask(
            user=caller(request), content=query, key=request_key(request), kind=Kind.ASSISTANT
        )
        return Response(QueryAnswerSerializer(asked.answer).data, headers=dict(asked.headers))


class AssistantHistory(APIView):
    @extend_schema(
        tags=_TAG,
        operation_id="assistant_history",
        summary="Own single questions",
        parameters=[PastQueriesLimitSerializer],
        responses={200: PastQueriesSerializer, **problems(400, 401)},
        examples=[
            OpenApiExample(
                "One question",
                {
                    "messages": [
                        {
                            "id": _ANSWER["message_id"],
                            "query": "How long does a loan last?",
                            "response": _ANSWER["response"],
                            "created_at": "2026-02-01T09:30:00Z",
                            "feedback": "helpful",
                            "function_calls": _CALLS,
                        }
                    ]
                },
                response_only=True,
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """The latest first."""
        limit = valid(PastQueriesLimitSerializer(data=request.query_params))["limit"]
        answers = selectors.single_answers_of(caller(request))[:limit]
        return Response(PastQueriesSerializer({"messages": answers}).data)


class AssistantFeedback(APIView):
    @extend_schema(
        tags=_TAG,
        operation_id="assistant_feedback",
        summary="Say whether an answer helped",
        request=AssistantFeedbackSerializer,
        responses={200: SuccessSerializer, **problems(400, 401, 404, 409)},
        examples=[
            OpenApiExample("It did", {"feedback": "helpful"}, request_only=True),
            OpenApiExample("Kept", {"status": "success"}, response_only=True),
        ],
    )
    def post(self, request: Request, message_id: UUID) -> Response:
        """In the place of what was said before."""
        answer = selectors.answer_get(user=caller(request), message_id=message_id, kind=Kind.ASSISTANT)
        services.feedback_give(answer=answer, **valid(AssistantFeedbackSerializer(data=request.data)))
        return Response({"status": "success"})
