"""The API of a course's material."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from documents.models import Document
from learning.courses import materials, selectors
from learning.courses.course_views import TAG
from learning.courses.outline_views import TeacherView
from users.permissions import caller
from utils import serializers
from utils.openapi import problems
from utils.parsers import JSONParser
from utils.serializers import valid


class MaterialTextSerializer(serializers.Serializer[Any]):
    """A text, Markdown or plain. The same title again is a new version."""

    title = serializers.CharField(max_length=500)
    content = serializers.CharField(max_length=5_000_000, trim_whitespace=False)


class MaterialFilesSerializer(serializers.Serializer[Any]):
    """Files; the same name again is a new version."""

    file = serializers.ListField(child=serializers.FileField(allow_empty_file=True), allow_empty=False, max_length=100)


class MaterialSerializer(serializers.ModelSerializer[Document]):
    state = serializers.CharField(read_only=True, help_text="Of its newest version.")

    class Meta:
        model = Document
        fields = ["id", "title", "source_uri", "state", "created_at"]


class MaterialAcceptedDocumentSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    source_uri = serializers.CharField()


class MaterialAcceptedSerializer(serializers.Serializer[Any]):
    documents = MaterialAcceptedDocumentSerializer(many=True)
    status_url = serializers.CharField(help_text="Where the state of each is told.")


class MaterialList(TeacherView, generics.ListAPIView[Document]):
    parser_classes = (JSONParser, MultiPartParser)
    serializer_class = MaterialSerializer

    def get_queryset(self) -> Any:
        course = selectors.course_managed(viewer=caller(self.request), course_id=self.kwargs["course_id"])
        return materials.materials_of(course)

    @extend_schema(
        tags=TAG,
        operation_id="materials_list",
        summary="The material of a course",
        responses={200: MaterialSerializer(many=True), **problems(401, 403, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=TAG,
        operation_id="materials_create",
        summary="Hand in material for a course",
        request={"application/json": MaterialTextSerializer, "multipart/form-data": MaterialFilesSerializer},
        responses={
            202: MaterialAcceptedSerializer,
            200: MaterialAcceptedSerializer,
            **problems(400, 401, 403, 404, 409, 413, 415, 422),
        },
        examples=[
            OpenApiExample(
                "A text",
                {"title": "Loops", "content": "# Loops\n\nA for loop repeats its body for each item."},
                request_only=True,
                media_type="application/json",
            )
        ],
    )
    def post(self, request: Request, course_id: int) -> Response:
        """A worker indexes it; then its members get answers from it, and nobody else but whoever looks after the course
        or the knowledge base. What is known already is answered with 200."""
        course = selectors.course_managed(viewer=caller(request), course_id=course_id)
        files = (request.content_type or "").startswith("multipart/")
        data = valid((MaterialFilesSerializer if files else MaterialTextSerializer)(data=request.data))
        submitted = materials.material_submit(actor=caller(request), course=course, **data)
        body = {"documents": submitted.documents, "status_url": reverse("course-materials", args=[course.pk])}
        code = status.HTTP_202_ACCEPTED if submitted.new else status.HTTP_200_OK
        return Response(MaterialAcceptedSerializer(body).data, status=code)


class MaterialDetail(TeacherView):
    @extend_schema(
        tags=TAG,
        operation_id="materials_delete",
        summary="Delete material of a course",
        responses={204: None, **problems(401, 403, 404, 409, 503)},
    )
    def delete(self, request: Request, course_id: int, material_id: UUID) -> Response:
        """With all its versions; no answer rests on it from now on."""
        course = selectors.course_managed(viewer=caller(request), course_id=course_id)
        materials.material_delete(actor=caller(request), course=course, document_id=material_id)
        return Response(status=status.HTTP_204_NO_CONTENT)
