"""The editors' API: collections and documents."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from documents import publishing, selectors, services
from documents.models import Collection, Document
from documents.serializers import CollectionSerializer, DocumentSerializer, ForceQuerySerializer
from users.permissions import IsEditor, caller
from utils.openapi import problems
from utils.serializers import valid

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
        data = valid(CollectionSerializer(data=request.data))
        collection = services.collection_create(actor=caller(request), **data)
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
        data = valid(CollectionSerializer(collection, data=request.data, partial=True))
        collection = services.collection_update(actor=caller(request), collection=collection, **data)
        return Response(CollectionSerializer(collection).data)

    @extend_schema(
        tags=TAGS,
        operation_id="collections_delete",
        summary="Delete an empty collection",
        responses={204: None, **problems(401, 403, 404, 409)},
    )
    def delete(self, request: Request, slug: str) -> Response:
        services.collection_delete(actor=caller(request), collection=selectors.collection_get(slug=slug))
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
        data = valid(DocumentSerializer(document, data=request.data, partial=True))
        publishing.document_update(actor=caller(request), document=document, **data)
        return Response(DocumentSerializer(selectors.document_get(document_id=document_id)).data)

    @extend_schema(
        tags=TAGS,
        operation_id="documents_delete",
        summary="Delete a document",
        parameters=[ForceQuerySerializer],
        responses={204: None, **problems(400, 401, 403, 404, 409, 503)},
    )
    def delete(self, request: Request, document_id: UUID) -> Response:
        """With all its versions; no answer rests on it from now on. Refused if golden questions would fail."""
        document = selectors.document_get(document_id=document_id)
        asked = valid(ForceQuerySerializer(data=request.query_params))
        publishing.document_delete(document=document, author=caller(request), **asked)
        return Response(status=status.HTTP_204_NO_CONTENT)
