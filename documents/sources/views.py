"""The editors' API of sources, and the hook that a source's own system calls."""

from io import BytesIO
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from documents.models import Source, SourceRun
from documents.sources import hooks, selectors, services
from documents.sources.serializers import (
    HookAnswerSerializer,
    HookMessageSerializer,
    SourceRunSerializer,
    SourceSecretSerializer,
    SourceSerializer,
    SourceSyncSerializer,
    SourceWithSecretSerializer,
)
from documents.views import EditorView
from users.permissions import caller
from utils.errors import InvalidInput
from utils.openapi import problems
from utils.parsers import JSONParser
from utils.serializers import valid

TAGS = ["Sources"]
_WEBSITE = OpenApiExample(
    "A website, every hour",
    {
        "name": "Help centre",
        "slug": "help",
        "kind": "website",
        "location": "https://help.example.org/",
        "collection": "general",
        "interval": 60,
        "options": {"exclude": ["archive/*"]},
    },
    request_only=True,
)
_UPSERT = OpenApiExample(
    "A document",
    {"event": "upsert", "uri": "https://cms.example.org/7", "title": "Loans", "content": "Seven books at a time."},
    request_only=True,
)
_HEADERS = [
    OpenApiParameter("webhook-id", str, OpenApiParameter.HEADER, required=True, description="The same for a retry."),
    OpenApiParameter("webhook-timestamp", int, OpenApiParameter.HEADER, required=True, description="Unix seconds."),
    OpenApiParameter(
        "webhook-signature",
        str,
        OpenApiParameter.HEADER,
        required=True,
        description="`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, as in Standard Webhooks.",
    ),
]


class SourceList(EditorView, generics.ListAPIView[Source]):
    serializer_class = SourceSerializer

    def get_queryset(self) -> Any:
        return selectors.sources_all()

    @extend_schema(
        tags=TAGS,
        operation_id="sources_list",
        summary="Sources",
        responses={200: SourceSerializer(many=True), **problems(401, 403, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=TAGS,
        operation_id="sources_create",
        summary="Add a source",
        request=SourceSerializer,
        responses={201: SourceWithSecretSerializer, **problems(400, 401, 403, 415)},
        examples=[_WEBSITE],
    )
    def post(self, request: Request) -> Response:
        """A folder, website or Git repository that workers keep in step with, or a hook alone."""
        data = valid(SourceSerializer(data=request.data))
        source = services.source_create(author=caller(request), **data)
        return Response(SourceWithSecretSerializer(source).data, status=status.HTTP_201_CREATED)


class SourceDetail(EditorView):
    @extend_schema(
        tags=TAGS,
        operation_id="sources_retrieve",
        summary="One source",
        responses={200: SourceSerializer, **problems(401, 403, 404)},
    )
    def get(self, request: Request, source_id: UUID) -> Response:
        return Response(SourceSerializer(selectors.source_get(source_id=source_id)).data)

    @extend_schema(
        tags=TAGS,
        operation_id="sources_update",
        summary="Change a source",
        request=SourceSerializer,
        responses={200: SourceSerializer, **problems(400, 401, 403, 404, 409, 415)},
        examples=[OpenApiExample("Once a day", {"interval": 1440}, request_only=True)],
    )
    def patch(self, request: Request, source_id: UUID) -> Response:
        """Its kind and its collection stay. Options are replaced as a whole."""
        source = selectors.source_get(source_id=source_id)
        data = valid(SourceSerializer(source, data=request.data, partial=True))
        services.source_update(actor=caller(request), source=source, **data)
        return Response(SourceSerializer(selectors.source_get(source_id=source_id)).data)

    @extend_schema(
        tags=TAGS,
        operation_id="sources_delete",
        summary="Delete a source",
        parameters=[
            OpenApiParameter(
                "documents", str, enum=["keep", "delete"], default="keep", description="What becomes of them."
            )
        ],
        responses={204: None, **problems(400, 401, 403, 404)},
    )
    def delete(self, request: Request, source_id: UUID) -> Response:
        fate = request.query_params.get("documents", "keep")
        if fate not in ("keep", "delete"):
            raise InvalidInput("Documents are kept or deleted.", errors={"documents": ["This is keep or delete."]})
        services.source_delete(
            actor=caller(request),
            source=selectors.source_get(source_id=source_id),
            with_documents=fate == "delete",
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class SourceSync(EditorView):
    @extend_schema(
        tags=TAGS,
        operation_id="sources_sync",
        summary="Sync a source now",
        request=SourceSyncSerializer,
        responses={202: SourceSerializer, **problems(400, 401, 403, 404, 409, 415)},
    )
    def post(self, request: Request, source_id: UUID) -> Response:
        """The next free worker does it; `runs/` says what it did."""
        source = selectors.source_get(source_id=source_id)
        data = valid(SourceSyncSerializer(data=request.data))
        services.source_request_sync(source=source, **data)
        return Response(SourceSerializer(source).data, status=status.HTTP_202_ACCEPTED)


class SourceRunList(EditorView, generics.ListAPIView[SourceRun]):
    serializer_class = SourceRunSerializer

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return SourceRun.objects.none()
        return selectors.runs_of(source_id=self.kwargs["source_id"])

    @extend_schema(
        tags=TAGS,
        operation_id="source_runs_list",
        summary="What the last syncs of a source did",
        responses={200: SourceRunSerializer(many=True), **problems(401, 403, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first; a run without an end is running, or its worker has died and another will begin it again."""
        return super().get(request, *args, **kwargs)


class SourceSecret(EditorView):
    @extend_schema(
        tags=TAGS,
        operation_id="source_secret_rotate",
        summary="Give the hook of a source another secret",
        request=None,
        responses={200: SourceSecretSerializer, **problems(401, 403, 404)},
    )
    def post(self, request: Request, source_id: UUID) -> Response:
        """The secret before it is worth nothing from this moment on."""
        source = selectors.source_get(source_id=source_id)
        services.source_rotate_secret(actor=caller(request), source=source)
        return Response({"secret": hooks.secret_of(source)})


class Hook(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        tags=TAGS,
        operation_id="source_hook",
        summary="A signed message of a source's own system",
        auth=[],
        parameters=_HEADERS,
        request=HookMessageSerializer,
        responses={200: HookAnswerSerializer, 202: HookAnswerSerializer, **problems(400, 401, 404, 409, 413, 415, 422)},
        examples=[_UPSERT],
    )
    def post(self, request: Request, source_id: UUID) -> Response:
        """Creates, updates or deletes one document. The same `webhook-id` again does nothing; its answer is 200."""
        body: bytes = request.body
        headers = {name.lower(): value for name, value in request.headers.items()}
        source, message_id = hooks.message_verify(source_id=source_id, headers=headers, body=body)
        sent = JSONParser().parse(BytesIO(body), parser_context={"encoding": "utf-8"})
        fields = valid(HookMessageSerializer(data=sent))
        if fields.pop("event") == "delete":
            done = hooks.page_withdraw(source=source, message_id=message_id, uri=fields["uri"])
        else:
            done = hooks.page_push(source=source, message_id=message_id, **fields)
        answer = {"status": done.status, "document_id": done.document.pk if done.document else None}
        code = status.HTTP_202_ACCEPTED if done.status == "accepted" else status.HTTP_200_OK
        return Response(HookAnswerSerializer(answer).data, status=code)
