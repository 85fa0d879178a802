"""``/api/ready/`` and ``/metrics``."""

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from background_tasks.errors import NotReady
from background_tasks.monitoring.exposition import exposition
from background_tasks.monitoring.health import Health, health
from utils import serializers
from utils.client_address import client_told
from utils.openapi import problems

_NO_STORE = {"Cache-Control": "no-store"}


class CheckSerializer(serializers.Serializer[object]):
    state = serializers.ChoiceField(Health.choices)
    detail = serializers.CharField()


class ReadySerializer(serializers.Serializer[object]):
    status = serializers.ChoiceField(Health.choices)
    checks = serializers.DictField(child=CheckSerializer())


_OK = {"state": "ok", "detail": ""}
_EXAMPLE = {
    "status": "degraded",
    "checks": {
        "database": _OK,
        "index": {"state": "degraded", "detail": "3 revisions behind"},
        "worker": _OK,
        "cache": _OK,
        "provider": _OK,
    },
}


class ReadyView(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="ready_read",
        tags=["Operations"],
        summary="Tell whether the server can serve",
        description="Part by part; answers within a second. 503 only where nothing can be served: the database is "
        "away. What is degraded is made up for by something else, or is behind.",
        responses={200: ReadySerializer, **problems(503)},
        examples=[OpenApiExample("An index is behind", value=_EXAMPLE)],
    )
    def get(self, request: Request) -> Response:
        found = health()
        checks = {name: {"state": check.state, "detail": check.detail} for name, check in found.checks.items()}
        if found.state == Health.UNAVAILABLE:
            raise NotReady("The database does not answer.", members={"checks": checks})
        return Response({"status": found.state, "checks": checks}, headers=_NO_STORE)


@require_safe
def metrics(request: HttpRequest) -> HttpResponseBase:
    if not _may_read(request):
        return HttpResponse("By METRICS_TOKEN, or from METRICS_NETWORKS.\n", content_type="text/plain", status=403)
    text, content_type = exposition(request.headers.get("Accept", ""))
    return HttpResponse(text, headers={"Content-Type": content_type, **_NO_STORE})


def _may_read(request: HttpRequest) -> bool:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and kind.lower() == "bearer":
        return secrets.compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode())
    address, believed = client_told(request)
    # Behind a proxy that we do not know, everybody comes from its address.
    return believed and address is not None and any(address in network for network in settings.METRICS_NETWORKS)
