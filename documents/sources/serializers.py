"""Sources as JSON."""

from typing import Any

from rest_framework.reverse import reverse

from documents.models import Category, Collection, Source, SourceRun
from documents.sources.hooks import decoded, secret_of
from utils import serializers


class _StrictSerializer(serializers.Serializer[Any]):
    """Names what it does not know: a misspelt option must not be taken for the default."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, dict) else []
        if unknown:
            raise serializers.ValidationError({str(name): ["There is no such option."] for name in unknown})
        return super().to_internal_value(data)


class SourceOptionsSerializer(_StrictSerializer):
    include = serializers.ListField(
        child=serializers.CharField(max_length=200),
        max_length=50,
        required=False,
        help_text="Patterns of paths that are wanted; none: all. `*` also stands for slashes.",
    )
    exclude = serializers.ListField(
        child=serializers.CharField(max_length=200), max_length=50, required=False, help_text="Patterns to leave out."
    )
    max_pages = serializers.IntegerField(
        min_value=1, max_value=20_000, required=False, help_text="A sync of more pages fails; 1000 if not given."
    )
    follow_links = serializers.BooleanField(
        required=False, help_text="Websites: go by links, whatever sitemaps there are."
    )
    branch = serializers.CharField(max_length=200, required=False, help_text="Git: else the default branch.")
    folder = serializers.CharField(max_length=200, required=False, help_text="Git: only what is below this folder.")


class SourceSerializer(serializers.ModelSerializer[Source]):
    collection = serializers.SlugRelatedField(slug_field="slug", queryset=Collection.objects.all())
    category = serializers.SlugRelatedField(
        slug_field="name", queryset=Category.objects.all(), allow_null=True, required=False
    )
    options = SourceOptionsSerializer(required=False)
    interval = serializers.IntegerField(
        min_value=5, max_value=525_600, allow_null=True, required=False, help_text="Minutes; null: synced by hand only."
    )
    documents = serializers.IntegerField(read_only=True, default=0, help_text="How many it has given.")
    hook_url = serializers.SerializerMethodField(help_text="Where its signed messages go.")

    class Meta:
        model = Source
        fields = [
            "id",
            "name",
            "slug",
            "kind",
            "location",
            "collection",
            "category",
            "options",
            "interval",
            "enabled",
            "documents",
            "hook_url",
            "state",
            "error_code",
            "error_detail",
            "last_synced_at",
            "next_sync_at",
            "created_at",
        ]
        read_only_fields = ["state", "error_code", "error_detail", "last_synced_at", "next_sync_at"]

    def get_hook_url(self, source: Source) -> str:
        return reverse("source-hook", args=[source.pk])

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name in ("kind", "collection"):
            if self.instance and attrs.get(name, getattr(self.instance, name)) != getattr(self.instance, name):
                raise serializers.ValidationError({name: ["This cannot be changed. Make a new source."]})
        return attrs


class SourceWithSecretSerializer(SourceSerializer):
    secret = serializers.SerializerMethodField(help_text="Signs the hook's messages. It is shown this once.")

    class Meta(SourceSerializer.Meta):
        fields = [*SourceSerializer.Meta.fields, "secret"]

    def get_secret(self, source: Source) -> str:
        return secret_of(source)


class SourceSecretSerializer(serializers.Serializer[Any]):
    secret = serializers.CharField(help_text="It is shown this once.")


class SourceSyncSerializer(serializers.Serializer[Any]):
    force = serializers.BooleanField(
        default=False, help_text="Read every page, and remove documents however many they are."
    )


class RunFailureSerializer(serializers.Serializer[Any]):
    uri = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class SourceRunSerializer(serializers.ModelSerializer[SourceRun]):
    failures = RunFailureSerializer(many=True, read_only=True, help_text="The first of those that failed.")

    class Meta:
        model = SourceRun
        fields = [
            "started_at",
            "ended_at",
            "added",
            "changed",
            "unchanged",
            "removed",
            "skipped",
            "failed",
            "failures",
            "error_code",
            "error_detail",
        ]


class HookMessageSerializer(serializers.Serializer[Any]):
    event = serializers.ChoiceField(choices=["upsert", "delete"])
    uri = serializers.CharField(max_length=500, help_text="Which document it is; shown with every citation.")
    title = serializers.CharField(max_length=500, required=False, allow_blank=True)
    content = serializers.CharField(required=False, trim_whitespace=False, help_text="A text.")
    content_base64 = serializers.CharField(required=False, help_text="Or the bytes of a file.")
    file_name = serializers.CharField(max_length=255, required=False, help_text="Else the end of the uri.")
    content_type = serializers.CharField(max_length=100, required=False, help_text="Where the name has no ending.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        text, encoded = attrs.pop("content", None), attrs.pop("content_base64", None)
        if attrs["event"] == "delete":
            return attrs
        if (text is None) == (encoded is None):
            raise serializers.ValidationError({"content": ["Either content or content_base64 is needed."]})
        try:
            attrs["data"] = text.encode() if text is not None else decoded(str(encoded))
        except ValueError:
            raise serializers.ValidationError({"content_base64": ["This is not base64."]}) from None
        return attrs


class HookAnswerSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=["accepted", "unchanged", "deleted", "duplicate"])
    document_id = serializers.UUIDField(allow_null=True)
