"""The editors' API: golden questions."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from documents import selectors, services
from documents.models import Question
from documents.serializers import GoldenQuestionSerializer
from documents.views import EditorView
from users.permissions import caller
from utils.openapi import problems
from utils.serializers import valid

TAGS = ["Golden questions"]
_EXAMPLES = [
    OpenApiExample(
        "Must be answered from a document",
        {"text": "When does the library open?", "documents": ["0b6c7f5e-3d0a-4c53-9a43-6a4f2f9f6f10"]},
        request_only=True,
    ),
    OpenApiExample(
        "Must be refused to visitors",
        {"text": "What does the director earn?", "must_refuse": True, "asked_by": "visitor"},
        request_only=True,
    ),
]


class QuestionList(EditorView, generics.ListAPIView[Question]):
    serializer_class = GoldenQuestionSerializer

    def get_queryset(self) -> Any:
        return selectors.questions_all()

    @extend_schema(
        tags=TAGS,
        operation_id="questions_list",
        summary="Golden questions",
        responses={200: GoldenQuestionSerializer(many=True), **problems(401, 403, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=TAGS,
        operation_id="questions_create",
        summary="Make a golden question",
        request=GoldenQuestionSerializer,
        responses={201: GoldenQuestionSerializer, **problems(400, 401, 403, 409, 415)},
        examples=_EXAMPLES,
    )
    def post(self, request: Request) -> Response:
        """From now on no change is published that would make it fail, unless it is forced."""
        data = valid(GoldenQuestionSerializer(data=request.data))
        question = services.question_save(actor=caller(request), question=Question(created_by=caller(request)), **data)
        return Response(GoldenQuestionSerializer(question).data, status=status.HTTP_201_CREATED)


class QuestionDetail(EditorView):
    @extend_schema(
        tags=TAGS,
        operation_id="questions_retrieve",
        summary="One golden question",
        responses={200: GoldenQuestionSerializer, **problems(401, 403, 404)},
    )
    def get(self, request: Request, question_id: UUID) -> Response:
        return Response(GoldenQuestionSerializer(selectors.question_get(question_id=question_id)).data)

    @extend_schema(
        tags=TAGS,
        operation_id="questions_update",
        summary="Change a golden question",
        request=GoldenQuestionSerializer,
        responses={200: GoldenQuestionSerializer, **problems(400, 401, 403, 404, 409, 415)},
    )
    def patch(self, request: Request, question_id: UUID) -> Response:
        question = selectors.question_get(question_id=question_id)
        data = valid(GoldenQuestionSerializer(question, data=request.data, partial=True))
        services.question_save(actor=caller(request), question=question, **data)
        return Response(GoldenQuestionSerializer(selectors.question_get(question_id=question_id)).data)

    @extend_schema(
        tags=TAGS,
        operation_id="questions_delete",
        summary="Delete a golden question",
        responses={204: None, **problems(401, 403, 404)},
    )
    def delete(self, request: Request, question_id: UUID) -> Response:
        services.question_delete(actor=caller(request), question=selectors.question_get(question_id=question_id))
        return Response(status=status.HTTP_204_NO_CONTENT)
