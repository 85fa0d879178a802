"""The audit trail, for admins to read."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import generics
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from users import selectors
from users.models import AuditEntry
from users.permissions import IsAdmin
from utils import serializers
from utils.openapi import problems
from utils.serializers import valid


class AuditQuerySerializer(serializers.Serializer[dict[str, Any]]):
    actor = serializers.CharField(max_length=150, required=False, help_text="Id or user name.")
    action = serializers.CharField(max_length=64, required=False, help_text="`document.delete`, or `document` for all.")
    object_type = serializers.CharField(max_length=64, required=False)
    object_id = serializers.CharField(max_length=64, required=False)
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False, help_text="Not included.")


class ActorSerializer(serializers.Serializer[AuditEntry]):
    id = serializers.IntegerField(source="actor_id")
    username = serializers.CharField(source="actor_name", help_text="As it was then.")


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    actor = serializers.SerializerMethodField(help_text="Null: the system, or somebody who has been forgotten.")

    class Meta:
        model = AuditEntry
        fields = (
            "id",
            "at",
            "actor",
            "action",
            "object_type",
            "object_id",
            "detail",
            "before",
            "after",
            "address",
            "request_id",
            "hash",
        )

    @extend_schema_field(ActorSerializer(allow_null=True))
    def get_actor(self, entry: AuditEntry) -> Any:
        return ActorSerializer(entry).data if entry.actor_id else None


class AuditList(generics.ListAPIView[AuditEntry]):
    permission_classes = (IsAuthenticated, IsAdmin)
    serializer_class = AuditEntrySerializer

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return AuditEntry.objects.none()
        query = valid(AuditQuerySerializer(data=self.request.query_params))
        return selectors.audit_entries(**query)

    @extend_schema(
        tags=["Audit"],
        operation_id="audit_list",
        summary="Who did what",
        parameters=[AuditQuerySerializer],
        responses={200: AuditEntrySerializer(many=True), **problems(400, 401, 403, 404)},
        examples=[
            OpenApiExample(
                "A collection was opened to everybody",
                {
                    "id": 1042,
                    "at": "2026-01-31T09:00:00Z",
                    "actor": {"id": 7, "username": "edda"},
                    "action": "collection.update",
                    "object_type": "collection",
                    "object_id": "0b6c7f5e-3d0a-4c53-9a43-6a4f2f9f6f10",
                    "detail": {},
                    "before": {"visibility": "members"},
                    "after": {"visibility": "public"},
                    "address": "203.0.113.9",
                    "request_id": "4d1f6c0f2b7f4a0e9b1c8a2d3e4f5a6b",
                    "hash": "9f2c…",
                },
                response_only=True,
            )
        ],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The latest first. Entries are only ever added; `manage.py verify_audit` shows that they have not changed."""
        return super().get(request, *args, **kwargs)
