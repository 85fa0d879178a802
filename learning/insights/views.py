"""Insights over HTTP."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from learning.courses.selectors import course_managed
from learning.insights import selectors, services
from learning.insights.serializers import InsightSerializer, StrugglesSerializer
from learning.models import Insight
from learning.permissions import IsTeacher
from users.permissions import caller
from utils.openapi import problems

TAGS = ["Insights"]


class InsightList(generics.ListAPIView[Insight]):
    serializer_class = InsightSerializer

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Insight.objects.none()
        return selectors.insights_of(caller(self.request))

    @extend_schema(
        tags=TAGS,
        operation_id="insights_list",
        summary="What your learning shows",
        responses={200: InsightSerializer(many=True), **problems(401, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Made each night of quizzes, hints and progress, each with what it rests on; those dismissed are left out."""
        page = self.paginate_queryset(self.get_queryset()) or []
        context = {"evidence": selectors.evidence_of(page)}
        return self.get_paginated_response(InsightSerializer(page, many=True, context=context).data)


class InsightDismiss(APIView):
    @extend_schema(
        tags=TAGS,
        operation_id="insights_dismiss",
        summary="Dismiss an insight",
        request=None,
        responses={204: None, **problems(401, 404)},
    )
    def post(self, request: Request, insight_id: int) -> Response:
        """It does not come again."""
        insight = selectors.insight_get(user=caller(request), insight_id=insight_id)
        services.insight_dismiss(insight=insight)
        return Response(status=status.HTTP_204_NO_CONTENT)


class CourseStruggles(APIView):
    permission_classes = (IsAuthenticated, IsTeacher)

    @extend_schema(
        tags=TAGS,
        operation_id="course_struggles",
        summary="Which topics give trouble",
        responses={200: StrugglesSerializer, **problems(401, 403, 404)},
    )
    def get(self, request: Request, course_id: int) -> Response:
        """Of the last 30 days, for who looks after the course. Figures of fewer than five learners are not told."""
        course = course_managed(viewer=caller(request), course_id=course_id)
        return Response(StrugglesSerializer(selectors.struggles_of(course=course, now=timezone.now())).data)
