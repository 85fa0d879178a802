"""The daily reports over the API, for admins."""

import datetime
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from background_tasks.models import DailyReport
from background_tasks.reports.selectors import report_get
from background_tasks.reports.serializers import ReportSerializer, ReportSummarySerializer
from background_tasks.reports.story import story_of
from users.permissions import IsAdmin
from utils.errors import NotFound
from utils.openapi import problems

TAGS = ["Daily reports"]
_DAY = OpenApiParameter("date", OpenApiTypes.DATE, OpenApiParameter.PATH, description="Such as 2026-10-25.")


class ReportList(generics.ListAPIView[DailyReport]):
    permission_classes = (IsAuthenticated, IsAdmin)
    serializer_class = ReportSummarySerializer
    queryset = DailyReport.objects.all()

    @extend_schema(
        tags=TAGS,
        operation_id="reports_list",
        summary="Daily reports",
        responses={200: ReportSummarySerializer(many=True), **problems(401, 403, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The latest day first, with the numbers that matter most."""
        return super().get(request, *args, **kwargs)


class ReportDetail(APIView):
    permission_classes = (IsAuthenticated, IsAdmin)

    @extend_schema(
        tags=TAGS,
        operation_id="reports_retrieve",
        summary="The report of a day",
        parameters=[_DAY],
        responses={200: ReportSerializer, **problems(401, 403, 404)},
    )
    def get(self, request: Request, date: str) -> Response:
        """It names nobody. What was asked in vain is told as long as the questions are kept."""
        return Response(ReportSerializer(story_of(report_get(day=_date(date)))).data)


def _date(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise NotFound("A report is found by its date, such as 2026-10-25.") from None
