"""Whether the process is alive."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from utils import serializers


class HealthSerializer(serializers.Serializer[dict[str, str]]):
    status = serializers.CharField()


class HealthView(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="health_read",
        tags=["Operations"],
        summary="Tell that the server is alive",
        description="Touches no database and no service.",
        responses=HealthSerializer,
        examples=[OpenApiExample("Alive", value={"status": "ok"})],
    )
    def get(self, request: Request) -> Response:
        return Response({"status": "ok"})
