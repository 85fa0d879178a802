"""The golden questions' results over time."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from rag import selectors
from rag.models import QuestionRun
from rag.questions import questions_check
from rag.serializers import QuestionRunDetailSerializer, QuestionRunSerializer
from users.permissions import IsEditor
from utils.openapi import problems

TAGS = ["Golden questions"]


class QuestionRunList(generics.ListAPIView[QuestionRun]):
    permission_classes = (IsAuthenticated, IsEditor)
    serializer_class = QuestionRunSerializer
    queryset = QuestionRun.objects.all()

    @extend_schema(
        tags=TAGS,
        operation_id="question_runs_list",
        summary="How the golden questions did",
        responses={200: QuestionRunSerializer(many=True), **problems(401, 403, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The latest run first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=TAGS,
        operation_id="question_runs_create",
        summary="Ask all golden questions now",
        request=None,
        responses={201: QuestionRunDetailSerializer, **problems(401, 403, 503)},
    )
    def post(self, request: Request) -> Response:
        return Response(QuestionRunDetailSerializer(questions_check()).data, status=status.HTTP_201_CREATED)


class QuestionRunDetail(APIView):
    permission_classes = (IsAuthenticated, IsEditor)

    @extend_schema(
        tags=TAGS,
        operation_id="question_runs_retrieve",
        summary="One run with its results",
        responses={200: QuestionRunDetailSerializer, **problems(401, 403, 404)},
    )
    def get(self, request: Request, run_id: int) -> Response:
        return Response(QuestionRunDetailSerializer(selectors.question_run_get(run_id=run_id)).data)
