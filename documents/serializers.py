"""Documents as JSON."""

from typing import Any

from rest_framework import serializers

from documents.models import Category, Chunk, Collection, Document, Version, Visibility
from users.models import Role


class CollectionSerializer(serializers.ModelSerializer[Collection]):
    roles = serializers.ListField(child=serializers.ChoiceField(choices=Role.choices), required=False)

    class Meta:
        model = Collection
        fields = ["id", "name", "slug", "visibility", "roles", "created_at"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        visibility = attrs.get("visibility", getattr(self.instance, "visibility", Visibility.MEMBERS))
        roles = attrs.get("roles", getattr(self.instance, "roles", []))
        if visibility == Visibility.ROLES and not roles:
            raise serializers.ValidationError({"roles": ["Name the roles that see this collection."]})
        return attrs


class VersionSerializer(serializers.ModelSerializer[Version]):
    created_by = serializers.CharField(source="created_by.username", default=None, read_only=True)

    class Meta:
        model = Version
        fields = [
            "number",
            "title",
            "state",
            "file_name",
            "size",
            "content_hash",
            "chunk_count",
            "note",
            "created_by",
            "created_at",
            "published_at",
            "error_code",
            "error_detail",
        ]


class DocumentSerializer(serializers.ModelSerializer[Document]):
    collection = serializers.SlugRelatedField(slug_field="slug", queryset=Collection.objects.all())
    category = serializers.SlugRelatedField(slug_field="name", queryset=Category.objects.all(), allow_null=True)
    version = serializers.IntegerField(source="published.number", default=None, read_only=True)
    state = serializers.CharField(read_only=True, help_text="State of the newest version.")
    metadata = serializers.DictField(required=False)

    class Meta:
        model = Document
        fields = [
            "id",
            "title",
            "category",
            "collection",
            "source_uri",
            "metadata",
            "version",
            "state",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["title", "source_uri"]


class ChunkSerializer(serializers.ModelSerializer[Chunk]):
    chunk_id = serializers.CharField(source="id")
    char_start = serializers.IntegerField(source="start")
    char_end = serializers.IntegerField(source="end")

    class Meta:
        model = Chunk
        fields = ["chunk_id", "position", "heading", "page", "char_start", "char_end", "tokens", "text"]
