"""What publishing a version would change for the questions that people really asked."""

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.impact import version_impact
from chat.serializers import ImpactQuerySerializer, ImpactSerializer
from documents import selectors as documents
from users.permissions import IsEditor
from utils.openapi import problems
from utils.serializers import valid


class VersionImpact(APIView):
    permission_classes = (IsAuthenticated, IsEditor)

    @extend_schema(
        tags=["Documents"],
        operation_id="document_versions_impact",
        summary="What publishing a version would change",
        parameters=[
            OpenApiParameter(
                "recent",
                {"type": "integer", "minimum": 0, "maximum": 200},
                description="So many of the latest questions.",
            )
        ],
        responses={200: ImpactSerializer, **problems(400, 401, 403, 404, 409, 503)},
    )
    def get(self, request: Request, document_id: UUID, number: int) -> Response:
        """The golden questions and the latest real ones that would get other passages, side by side.

        Who asked is not told.
        """
        query = valid(ImpactQuerySerializer(data=request.query_params))
        version = documents.version_get(document_id=document_id, number=number)
        found = version_impact(version=version, recent=query["recent"])
        return Response(ImpactSerializer(found).data)
