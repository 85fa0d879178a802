"""Documents as JSON."""

from typing import Any, ClassVar

from documents.models import Category, Chunk, Collection, Document, Question, Version, Visibility
from users.models import Role
from utils import serializers


class CollectionSerializer(serializers.ModelSerializer[Collection]):
    roles = serializers.ListField(child=serializers.ChoiceField(choices=Role.choices), required=False)

    class Meta:
        model = Collection
        fields = ["id", "name", "slug", "visibility", "roles", "masking", "created_at"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        visibility = attrs.get("visibility", getattr(self.instance, "visibility", Visibility.MEMBERS))
        roles = attrs.get("roles", getattr(self.instance, "roles", []))
        if visibility == Visibility.ROLES and not roles:
            raise serializers.ValidationError({"roles": ["Name the roles that see this collection."]})
        return attrs


class FindingSerializer(serializers.Serializer[Any]):
    """A stretch that reads like instructions to a language model."""

    part = serializers.CharField(help_text="text, title, file_name, source_uri or metadata.")
    start = serializers.IntegerField(help_text="Offset in the version's text; 0 in another part.")
    end = serializers.IntegerField()
    excerpt = serializers.CharField()
    techniques = serializers.ListField(child=serializers.CharField())
    score = serializers.FloatField()


class VersionSerializer(serializers.ModelSerializer[Version]):
    created_by = serializers.CharField(source="created_by.username", default=None, read_only=True, allow_null=True)
    findings = FindingSerializer(many=True, read_only=True)

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
            "publish",
            "created_by",
            "created_at",
            "published_at",
            "error_code",
            "error_detail",
            "findings",
        ]


class VersionTextSerializer(VersionSerializer):
    class Meta(VersionSerializer.Meta):
        fields = [*VersionSerializer.Meta.fields, "text"]


class VersionQuerySerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField(min_value=1, required=False)


class NewVersionSerializer(serializers.Serializer[Any]):
    """A text, or a file in a multipart form."""

    content = serializers.CharField(max_length=5_000_000, trim_whitespace=False, required=False)
    file = serializers.FileField(required=False, allow_empty_file=True)
    title = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    publish = serializers.BooleanField(default=True, help_text="False: it stays a draft.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("content" in attrs) == ("file" in attrs):
            raise serializers.ValidationError({"content": ["Give either a text here or a file."]})
        return attrs

    def to_submission(self) -> dict[str, Any]:
        fields = dict(self.validated_data)
        content, file = fields.pop("content", None), fields.pop("file", None)
        if file is None:
            return {"data": content.encode("utf-8", "replace"), **fields}
        return {"data": file.read(), "file_name": file.name, **fields}


class ForceQuerySerializer(serializers.Serializer[Any]):
    force = serializers.BooleanField(
        default=False, help_text="Even if golden questions fail then; this is put on record."
    )


class PublishSerializer(serializers.Serializer[Any]):
    force = serializers.BooleanField(
        default=False, help_text="Even if golden questions fail then; this is put on record."
    )
    release = serializers.BooleanField(
        default=False, help_text="Out of quarantine: what was found is trusted from now on; this is put on record."
    )


class StretchSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=["same", "removed", "added"])
    text = serializers.CharField(help_text="Whole lines.")


class DiffQuerySerializer(serializers.Serializer[Any]):
    to = serializers.IntegerField(min_value=1, required=False)


class DiffSerializer(serializers.Serializer[Any]):
    before = serializers.IntegerField(source="before.number", default=None, allow_null=True)
    after = serializers.IntegerField(source="after.number")
    added = serializers.IntegerField(help_text="Lines.")
    removed = serializers.IntegerField(help_text="Lines.")
    stretches = StretchSerializer(many=True)


class GoldenQuestionSerializer(serializers.ModelSerializer[Question]):
    documents = serializers.PrimaryKeyRelatedField(many=True, queryset=Document.objects.all(), required=False)

    class Meta:
        model = Question
        fields: ClassVar[list[str]] = ["id", "text", "must_refuse", "documents", "asked_by", "created_at"]
        extra_kwargs: ClassVar[dict[str, Any]] = {"text": {"validators": []}}  # a conflict, with a code of its own

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        before = list(self.instance.documents.all()) if self.instance else []
        documents = attrs.get("documents", before)
        must_refuse = attrs.get("must_refuse", self.instance.must_refuse if self.instance else False)
        if must_refuse == bool(documents):
            raise serializers.ValidationError(
                {"documents": ["Name the documents that must answer it, or say that it must be refused."]}
            )
        return attrs


class DocumentSerializer(serializers.ModelSerializer[Document]):
    collection = serializers.SlugRelatedField(slug_field="slug", queryset=Collection.objects.all())
    category = serializers.SlugRelatedField(slug_field="name", queryset=Category.objects.all(), allow_null=True)
    version = serializers.IntegerField(source="published.number", default=None, read_only=True, allow_null=True)
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
