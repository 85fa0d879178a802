"""A conversation to take away."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from chat import selectors
from chat.asking_views import TAG
from chat.exporting import session_export
from users.permissions import caller
from utils import serializers
from utils.openapi import problems
from utils.serializers import valid


class ExportQuerySerializer(serializers.Serializer[Any]):
    format = serializers.ChoiceField(choices=["json", "markdown"], default="json")


class SessionExport(APIView):
    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[BaseRenderer, str]:
        """Whatever is accepted: `format` says which file is made, and what goes wrong is told in JSON."""
        return JSONRenderer(), JSONRenderer.media_type

    @extend_schema(
        tags=TAG,
        operation_id="chat_sessions_export",
        summary="Download a conversation",
        parameters=[ExportQuerySerializer],
        responses={
            (200, "application/json"): OpenApiResponse(OpenApiTypes.OBJECT, "`session` and `messages`."),
            (200, "text/markdown"): OpenApiResponse(OpenApiTypes.STR, "A Markdown file."),
            **problems(400, 401, 404),
        },
    )
    def get(self, request: Request, session_id: UUID) -> HttpResponse:
        """JSON has every version of every message; Markdown has what is shown, with citations as footnotes."""
        session = selectors.session_get(user=caller(request), session_id=session_id)
        export = session_export(session=session, form=valid(ExportQuerySerializer(data=request.query_params))["format"])
        disposition = content_disposition_header(True, export.name) or "attachment"
        return HttpResponse(
            export.content, content_type=export.content_type, headers={"Content-Disposition": disposition}
        )
