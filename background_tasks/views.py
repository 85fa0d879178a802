"""The admins' API: jobs."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from background_tasks.overview import job_get, jobs_overview
from background_tasks.serializers import AskedRunSerializer, ScheduledJobSerializer
from background_tasks.services import run_ask
from users.permissions import IsAdmin, caller
from utils.openapi import problems

TAGS = ["Jobs"]
_RUN = {
    "id": "0b6c7f5e-3d0a-4c53-9a43-6a4f2f9f6f10",
    "job": "retention",
    "slot": "2026-01-31T02:00:00Z",
    "by_hand": False,
    "state": "done",
    "attempt": 1,
    "started_at": "2026-01-31T02:00:00.012Z",
    "ended_at": "2026-01-31T02:00:01.262Z",
    "duration_seconds": 1.25,
    "due_at": None,
    "counts": {"visitors": 12},
    "error": "",
}
_ASKED = _RUN | {
    "slot": "2026-01-31T09:00:00Z",
    "by_hand": True,
    "state": "asked",
    "started_at": "2026-01-31T09:00:00Z",
    "ended_at": None,
    "duration_seconds": None,
    "counts": {},
    "detail": "A scheduler begins it within a second.",
}


class JobList(generics.ListAPIView[Any]):
    permission_classes = (IsAuthenticated, IsAdmin)
    serializer_class = ScheduledJobSerializer

    def get_queryset(self) -> Any:
        return jobs_overview()

    @extend_schema(
        tags=TAGS,
        operation_id="jobs_list",
        summary="Jobs, when they run, and how they ran",
        responses={200: ScheduledJobSerializer(many=True), **problems(401, 403, 404)},
        examples=[
            OpenApiExample(
                "A job that ran",
                {
                    "name": "retention",
                    "title": "Remove what is older than it is kept",
                    "schedule": "0 2 * * *",
                    "next_at": "2026-02-01T02:00:00Z",
                    "last_runs": [_RUN],
                },
                response_only=True,
            )
        ],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Times are in UTC. A run that failed is tried again after 1, 5 and 15 minutes; then admins get a mail."""
        return super().get(request, *args, **kwargs)


class JobRunNow(APIView):
    permission_classes = (IsAuthenticated, IsAdmin)

    @extend_schema(
        tags=TAGS,
        operation_id="jobs_run",
        summary="Run a job now",
        request=None,
        responses={202: AskedRunSerializer, **problems(401, 403, 404)},
        examples=[OpenApiExample("Asked for", _ASKED, response_only=True)],
    )
    def post(self, request: Request, name: str) -> Response:
        """A scheduler runs it. While a run of the job is open, the answer is that one, and no other is made; one that
        waits to be tried again is tried now."""
        run = run_ask(job=job_get(name=name), actor=caller(request))
        return Response(AskedRunSerializer(run).data, status=status.HTTP_202_ACCEPTED)
