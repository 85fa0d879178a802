"""The knowledge base's API: index, follow the work, search."""

import time
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from documents import selectors as documents
from rag import selectors, services
from rag.answerability.parts import search_parts
from rag.serializers import (
    IndexAcceptedSerializer,
    IndexFilesSerializer,
    IndexTextSerializer,
    JobSerializer,
    SearchQuerySerializer,
    SearchSerializer,
    StatusSerializer,
)
from users.permissions import IsEditor, caller
from utils.openapi import problems
from utils.parsers import JSONParser
from utils.representing import represented
from utils.serializers import valid

TAGS = ["Knowledge base"]


class IndexView(APIView):
    permission_classes = (IsAuthenticated, IsEditor)
    parser_classes = (JSONParser, MultiPartParser)

    @extend_schema(
        tags=TAGS,
        operation_id="index_create",
        summary="Index a text or files",
        request={"application/json": IndexTextSerializer, "multipart/form-data": IndexFilesSerializer},
        responses={
            202: IndexAcceptedSerializer,
            200: IndexAcceptedSerializer,
            **problems(400, 401, 403, 404, 413, 415, 422, 507),
        },
        examples=[
            OpenApiExample(
                "A text",
                {"title": "Opening hours", "content": "We are open from 9 to 5.", "category": "FAQ"},
                request_only=True,
                media_type="application/json",
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """A worker does it; `status_url` says how far it is. What is known already is answered with 200."""
        files = request.content_type.startswith("multipart/")
        data = valid((IndexFilesSerializer if files else IndexTextSerializer)(data=request.data))
        submit = services.files_submit if files else services.text_submit
        submitted = submit(author=caller(request), **data)
        body = {
            "job_id": submitted.job.pk,
            "documents": submitted.documents,
            "status_url": reverse("index-job", args=[submitted.job.pk]),
        }
        code = status.HTTP_202_ACCEPTED if submitted.new else status.HTTP_200_OK
        return Response(IndexAcceptedSerializer(body).data, status=code)


class JobView(APIView):
    permission_classes = (IsAuthenticated, IsEditor)

    @extend_schema(
        tags=TAGS,
        operation_id="index_job_retrieve",
        summary="How far indexing is",
        responses={200: JobSerializer, **problems(401, 403, 404)},
    )
    def get(self, request: Request, job_id: UUID) -> Response:
        job = documents.job_get(job_id=job_id)
        return Response(JobSerializer(selectors.job_progress(job=job)).data)


class SearchView(APIView):
    @extend_schema(
        tags=TAGS,
        operation_id="search",
        summary="Search the knowledge base",
        parameters=[
            SearchQuerySerializer,
            OpenApiParameter("top_k", {"type": "integer", "minimum": 1, "maximum": 50}),
        ],
        responses={200: SearchSerializer, **problems(400, 401, 403)},
    )
    def get(self, request: Request) -> Response:
        """The passages that the asker may see, best first."""
        asked = valid(SearchQuerySerializer(data=request.query_params))
        scope = services.scope_for(
            asker=request.user, collection=asked.get("collection"), category=asked.get("category")
        )
        preview = services.drafts_for(asker=request.user) if asked["drafts"] else None
        started = time.perf_counter()
        result = search_parts(
            question=asked["q"],
            scope=scope,
            top_k=asked.get("top_k") or settings.RAG["TOP_K"],
            mode=asked["mode"],
            preview=preview,
        )
        body = {
            "query": asked["q"],
            "results": result.whole.hits,
            "answerable": result.found.answerable,
            "confidence": round(result.found.confidence, 3),
            "mode": result.whole.mode,
            "took_ms": round((time.perf_counter() - started) * 1000),
        }
        return Response(represented(SearchSerializer, body))


class StatusView(APIView):
    permission_classes = (IsAuthenticated, IsEditor)

    @extend_schema(
        tags=TAGS,
        operation_id="index_status",
        summary="The knowledge base and its indexes",
        responses={200: StatusSerializer, **problems(401, 403)},
    )
    def get(self, request: Request) -> Response:
        return Response(StatusSerializer(selectors.status()).data)
