"""The editors' API: collections, documents, their versions and chunks."""

from typing import Any
from uuid import UUID

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from documents import selectors, services
from documents.models import Chunk, Collection, Document, Version
from documents.serializers import ChunkSerializer, CollectionSerializer, DocumentSerializer, VersionSerializer
from users.permissions import IsEditor
from utils.errors import NotFound
from utils.openapi import problems

TAGS = ["Documents"]
_COLLECTION = OpenApiExample(
    "For members", {"name": "Staff handbook", "slug": "staff", "visibility": "members"}, request_only=True
)


class EditorView(APIView):
    permission_classes = (IsAuthenticated, IsEditor)


class CollectionList(EditorView, generics.ListAPIView[Collection]):
    serializer_class = CollectionSerializer
    queryset = Collection.objects.order_by("name")

    @extend_schema(
        tags=TAGS,
        operation_id="collections_list",
        summary="Collections",
        responses={200: CollectionSerializer(many=True), **problems(401, 403, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=TAGS,
        operation_id="collections_create",
        summary="Make a collection",
        request=CollectionSerializer,
        responses={201: CollectionSerializer, **problems(400, 401, 403, 415)},
        examples=[_COLLECTION],
    )
    def post(self, request: Request) -> Response:
        """A collection says who may see its documents."""
        data = CollectionSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        collection = services.collection_create(**data.validated_data)
        return Response(CollectionSerializer(collection).data, status=status.HTTP_201_CREATED)


class CollectionDetail(EditorView):
    @extend_schema(
        tags=TAGS,
        operation_id="collections_retrieve",
        summary="One collection",
        responses={200: CollectionSerializer, **problems(401, 403, 404)},
    )
    def get(self, request: Request, slug: str) -> Response:
        return Response(CollectionSerializer(selectors.collection_get(slug=slug)).data)

    @extend_schema(
        tags=TAGS,
        operation_id="collections_update",
        summary="Change a collection",
        request=CollectionSerializer,
        responses={200: CollectionSerializer, **problems(400, 401, 403, 404, 415)},
    )
    def patch(self, request: Request, slug: str) -> Response:
        """A new visibility holds from the next question on."""
        collection = selectors.collection_get(slug=slug)
        data = CollectionSerializer(collection, data=request.data, partial=True)
        data.is_valid(raise_exception=True)
        collection = services.collection_update(collection=collection, **data.validated_data)
        return Response(CollectionSerializer(collection).data)

    @extend_schema(
        tags=TAGS,
        operation_id="collections_delete",
        summary="Delete an empty collection",
        responses={204: None, **problems(401, 403, 404, 409)},
    )
    def delete(self, request: Request, slug: str) -> Response:
        services.collection_delete(collection=selectors.collection_get(slug=slug))
        return Response(status=status.HTTP_204_NO_CONTENT)


class DocumentList(EditorView, generics.ListAPIView[Document]):
    serializer_class = DocumentSerializer

    def get_queryset(self) -> Any:
        asked = {
            name: self.request.query_params.get(name, "").replace("\0", "")
            for name in ("q", "category", "collection", "state")
        }
        return selectors.documents_filtered(**asked)

    @extend_schema(
        tags=TAGS,
        operation_id="documents_list",
        summary="Documents",
        parameters=[
            OpenApiParameter("q", str, description="Part of the title or the source."),
            OpenApiParameter("category", str),
            OpenApiParameter("collection", str, description="A slug."),
            OpenApiParameter("state", str, description="State of the newest version."),
        ],
        responses={200: DocumentSerializer(many=True), **problems(401, 403, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class DocumentDetail(EditorView):
    @extend_schema(
        tags=TAGS,
        operation_id="documents_retrieve",
        summary="One document",
        responses={200: DocumentSerializer, **problems(401, 403, 404)},
    )
    def get(self, request: Request, document_id: UUID) -> Response:
        return Response(DocumentSerializer(selectors.document_get(document_id=document_id)).data)

    @extend_schema(
        tags=TAGS,
        operation_id="documents_update",
        summary="Move a document, or change its metadata",
        request=DocumentSerializer,
        responses={200: DocumentSerializer, **problems(400, 401, 403, 404, 409, 415)},
        examples=[OpenApiExample("To another category", {"category": "Policy"}, request_only=True)],
    )
    def patch(self, request: Request, document_id: UUID) -> Response:
        document = selectors.document_get(document_id=document_id)
        data = DocumentSerializer(document, data=request.data, partial=True)
        data.is_valid(raise_exception=True)
        services.document_update(document=document, **data.validated_data)
        return Response(DocumentSerializer(selectors.document_get(document_id=document_id)).data)

    @extend_schema(
        tags=TAGS,
        operation_id="documents_delete",
        summary="Delete a document",
        responses={204: None, **problems(401, 403, 404)},
    )
    def delete(self, request: Request, document_id: UUID) -> Response:
        """With all its versions; no answer rests on it from now on."""
        services.document_delete(document=selectors.document_get(document_id=document_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class VersionList(EditorView, generics.ListAPIView[Version]):
    serializer_class = VersionSerializer

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


class ChunkList(EditorView, generics.ListAPIView[Chunk]):
    serializer_class = ChunkSerializer

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Chunk.objects.none()
        return selectors.chunks_of(document_id=self.kwargs["document_id"])

    @extend_schema(
        tags=TAGS,
        operation_id="document_chunks_list",
        summary="Published chunks of a document",
        responses={200: ChunkSerializer(many=True), **problems(401, 403, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Offsets are into the text of the published version."""
        return super().get(request, *args, **kwargs)


class DocumentFile(EditorView):
    @extend_schema(
        tags=TAGS,
        operation_id="document_file",
        summary="The original file of the newest version",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, **problems(401, 403, 404)},
    )
    def get(self, request: Request, document_id: UUID) -> FileResponse:
        version = selectors.version_newest(document_id=document_id)
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
