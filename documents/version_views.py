"""The editors' API: the versions of a document, what is in them, and which of them is answered from."""

from typing import Any
from uuid import UUID

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from documents import publishing, selectors, services
from documents.comparing import compare
from documents.models import PENDING_STATES, Chunk, Version
from documents.serializers import (
    ChunkSerializer,
    DiffQuerySerializer,
    DiffSerializer,
    NewVersionSerializer,
    PublishSerializer,
    VersionQuerySerializer,
    VersionSerializer,
    VersionTextSerializer,
)
from documents.views import EditorView
from users.permissions import caller
from utils.errors import NotFound
from utils.openapi import COUNTED, problems
from utils.parsers import JSONParser
from utils.serializers import valid

TAGS = ["Documents"]


class VersionList(EditorView, generics.ListAPIView[Version]):
    serializer_class = VersionSerializer
    parser_classes = (JSONParser, MultiPartParser)

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Version.objects.none()
        return selectors.versions_of(document_id=self.kwargs["document_id"])

    @extend_schema(
        tags=TAGS,
        operation_id="document_versions_list",
        summary="Versions of a document",
        responses={200: VersionSerializer(many=True), **problems(401, 403, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=TAGS,
        operation_id="document_versions_create",
        summary="Hand in a new version",
        request={"application/json": NewVersionSerializer, "multipart/form-data": NewVersionSerializer},
        responses={
            202: VersionSerializer,
            200: VersionSerializer,
            **problems(400, 401, 403, 404, 413, 415, 422, 507),
        },
        examples=[
            OpenApiExample(
                "A draft",
                {"content": "# Opening hours\n\nWe are open from 9 to 6.", "note": "An hour longer", "publish": False},
                request_only=True,
                media_type="application/json",
            )
        ],
    )
    def post(self, request: Request, document_id: UUID) -> Response:
        """A worker indexes it and publishes it, or leaves it a draft. The same content again is answered with 200."""
        document = selectors.document_get(document_id=document_id)
        data = NewVersionSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        version = services.version_submit(document=document, author=caller(request), **data.to_submission())
        known = version or selectors.version_newest(document_id=document_id)
        code = status.HTTP_202_ACCEPTED if version else status.HTTP_200_OK
        return Response(VersionSerializer(known).data, status=code)


class VersionDetail(EditorView):
    @extend_schema(
        tags=TAGS,
        operation_id="document_versions_retrieve",
        summary="One version with its text",
        responses={200: VersionTextSerializer, **problems(401, 403, 404)},
    )
    def get(self, request: Request, document_id: UUID, number: int) -> Response:
        version = selectors.version_get(document_id=document_id, number=number)
        return Response(VersionTextSerializer(version).data)

    @extend_schema(
        tags=TAGS,
        operation_id="document_versions_discard",
        summary="Discard a draft, or a version in quarantine",
        responses={204: None, **problems(401, 403, 404, 409)},
    )
    def delete(self, request: Request, document_id: UUID, number: int) -> Response:
        """It stays in the history and may still be published."""
        version = selectors.version_get(document_id=document_id, number=number)
        publishing.version_discard(version=version, author=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class VersionPublish(EditorView):
    @extend_schema(
        tags=TAGS,
        operation_id="document_versions_publish",
        summary="Publish a draft, or roll back to an older version",
        request=PublishSerializer,
        responses={200: VersionSerializer, 202: VersionSerializer, **problems(400, 401, 403, 404, 409, 415, 503)},
    )
    def post(self, request: Request, document_id: UUID, number: int) -> Response:
        """Text, vectors and words change together, for every question that comes after.

        202: it is still being indexed and will be published then. 409 `would_break_questions` lists the golden
        questions that would fail. 409 `quarantined` lists what reads like instructions to a language model; with
        `release` it is trusted, and the version is indexed.
        """
        version = selectors.version_get(document_id=document_id, number=number)
        data = valid(PublishSerializer(data=request.data))
        version = publishing.version_publish(version=version, author=caller(request), **data)
        waits = version.state in PENDING_STATES
        code = status.HTTP_202_ACCEPTED if waits else status.HTTP_200_OK
        return Response(VersionSerializer(version).data, status=code)


class VersionDiff(EditorView):
    @extend_schema(
        tags=TAGS,
        operation_id="document_versions_diff",
        summary="What a version changes",
        parameters=[OpenApiParameter("to", COUNTED, description="The version compared with; else the published one.")],
        responses={200: DiffSerializer, **problems(400, 401, 403, 404)},
    )
    def get(self, request: Request, document_id: UUID, number: int) -> Response:
        """The text of the published version, or of the one named, compared with this version's, line by line."""
        query = valid(DiffQuerySerializer(data=request.query_params))
        after = selectors.version_get(document_id=document_id, number=number)
        before = selectors.version_compared(document_id=document_id, number=query.get("to"))
        return Response(DiffSerializer(compare(before=before, after=after)).data)


class ChunkList(EditorView, generics.ListAPIView[Chunk]):
    serializer_class = ChunkSerializer

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Chunk.objects.none()
        query = valid(VersionQuerySerializer(data=self.request.query_params))
        return selectors.chunks_of(document_id=self.kwargs["document_id"], number=query.get("version"))

    @extend_schema(
        tags=TAGS,
        operation_id="document_chunks_list",
        summary="Chunks of a document",
        parameters=[OpenApiParameter("version", COUNTED, description="Its number; else the published one.")],
        responses={200: ChunkSerializer(many=True), **problems(400, 401, 403, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Offsets are into the text of the version."""
        return super().get(request, *args, **kwargs)


class DocumentFile(EditorView):
    @extend_schema(
        tags=TAGS,
        operation_id="document_file",
        summary="The original file",
        parameters=[OpenApiParameter("version", COUNTED, description="Its number; else the newest one.")],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, **problems(400, 401, 403, 404)},
    )
    def get(self, request: Request, document_id: UUID) -> FileResponse:
        query = valid(VersionQuerySerializer(data=request.query_params))
        number = query.get("version")
        version = (
            selectors.version_newest(document_id=document_id)
            if number is None
            else selectors.version_get(document_id=document_id, number=number)
        )
        return original_file(version)


def original_file(version: Version) -> FileResponse:
    """The file as it was handed in. Raises NotFound."""
    try:
        file = version.file.open("rb")
    except OSError:
        raise NotFound("The original file is lost.", code="file_missing") from None
    # Never shown by a browser in our origin, whatever the file holds.
    return FileResponse(
        file,
        as_attachment=True,
        filename=version.file_name,
        content_type="application/octet-stream",
    )
