"""The editors' API: what was asked and could not be answered."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from rag import selectors
from rag.gap_groups import gaps_grouped, gaps_open
from rag.gaps import gap_resolve
from rag.models import KnowledgeGap
from rag.serializers import GapGroupSerializer, KnowledgeGapSerializer
from users.permissions import IsEditor, caller
from utils.openapi import problems

TAGS = ["Knowledge gaps"]


class KnowledgeGapList(generics.ListAPIView[KnowledgeGap]):
    permission_classes = (IsAuthenticated, IsEditor)
    serializer_class = KnowledgeGapSerializer

    def get_queryset(self) -> QuerySet[KnowledgeGap]:
        return gaps_open()

    @extend_schema(
        tags=TAGS,
        operation_id="knowledge_gaps_list",
        summary="Questions that were refused or badly answered",
        responses={200: KnowledgeGapSerializer(many=True), **problems(401, 403, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The most refused first, and with them those whose answers were rated as not helpful. Nothing tells who asked.

        What a document has been published for is not listed.
        """
        return super().get(request, *args, **kwargs)


class KnowledgeGapGroups(generics.ListAPIView[Any]):
    permission_classes = (IsAuthenticated, IsEditor)
    serializer_class = GapGroupSerializer

    def get_queryset(self) -> Any:
        return () if getattr(self, "swagger_fake_view", False) else gaps_grouped(gaps_open()).groups

    @extend_schema(
        tags=TAGS,
        operation_id="knowledge_gap_groups_list",
        summary="Knowledge gaps that are about the same",
        responses={200: GapGroupSerializer(many=True), **problems(401, 403, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Grouped by meaning, or by words where no embedder is at hand; what was asked most in vain first."""
        return super().get(request, *args, **kwargs)


class KnowledgeGapDetail(APIView):
    permission_classes = (IsAuthenticated, IsEditor)

    @extend_schema(
        tags=TAGS,
        operation_id="knowledge_gaps_resolve",
        summary="Take a knowledge gap off the list",
        responses={204: None, **problems(401, 403, 404)},
    )
    def delete(self, request: Request, gap_id: int) -> Response:
        """It comes back if the question is asked again and still not answered."""
        gap_resolve(gap=selectors.gap_get(gap_id=gap_id), actor=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
