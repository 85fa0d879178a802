"""Indexing and search as JSON."""

from typing import Any, get_args

from drf_spectacular.utils import extend_schema_field

from rag.gap_groups import Group
from rag.models import KnowledgeGap, QuestionResult, QuestionRun
from rag.retrieval import Mode
from utils import serializers


class IndexTextSerializer(serializers.Serializer[Any]):
    """A text, Markdown or plain."""

    title = serializers.CharField(max_length=500)
    content = serializers.CharField(max_length=5_000_000, trim_whitespace=False)
    category = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    collection = serializers.SlugField(max_length=100, required=False, help_text="Its slug; else the default one.")
    metadata = serializers.DictField(required=False, default=dict)
    source_uri = serializers.CharField(
        max_length=500, required=False, help_text="Says which document this is; else the title does."
    )
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    publish = serializers.BooleanField(default=True, help_text="False: it stays a draft.")


class IndexFilesSerializer(serializers.Serializer[Any]):
    """Files, each of which becomes a document or a new version of the one with its name."""

    file = serializers.ListField(child=serializers.FileField(allow_empty_file=True), allow_empty=False, max_length=100)
    title = serializers.CharField(max_length=500, required=False, help_text="Only with a single file.")
    category = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    collection = serializers.SlugField(max_length=100, required=False)
    source_uri = serializers.CharField(max_length=500, required=False, help_text="Only with a single file.")
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    publish = serializers.BooleanField(default=True, help_text="False: they stay drafts.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs["file"]) > 1:
            single = [name for name in ("title", "source_uri") if name in attrs]
            if single:
                raise serializers.ValidationError({name: ["This goes with a single file."] for name in single})
        return attrs


class IndexedDocumentSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    source_uri = serializers.CharField()


class IndexAcceptedSerializer(serializers.Serializer[Any]):
    job_id = serializers.UUIDField()
    documents = IndexedDocumentSerializer(many=True)
    status_url = serializers.CharField()


class JobErrorSerializer(serializers.Serializer[Any]):
    document = serializers.UUIDField()
    file_name = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class JobSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=["pending", "running", "done", "failed"])
    documents_done = serializers.IntegerField()
    documents_total = serializers.IntegerField()
    chunks_done = serializers.IntegerField()
    chunks_embedded = serializers.IntegerField()
    chunks_total = serializers.IntegerField(help_text="Grows while files are being read.")
    states = serializers.DictField(child=serializers.IntegerField(), help_text="How many documents are in each state.")
    seconds_left = serializers.IntegerField(allow_null=True, help_text="An estimate; None: it is too early for one.")
    errors = JobErrorSerializer(many=True)  # type: ignore[assignment]


class SearchQuerySerializer(serializers.Serializer[Any]):
    q = serializers.CharField(max_length=4000)
    top_k = serializers.IntegerField(min_value=1, max_value=50, required=False)
    collection = serializers.CharField(max_length=100, required=False, allow_blank=True, help_text="Empty: all.")
    category = serializers.CharField(max_length=100, required=False, allow_blank=True, help_text="Empty: all.")
    mode = serializers.ChoiceField(choices=get_args(Mode), default="hybrid")
    drafts = serializers.BooleanField(default=False, help_text="As if all drafts were published; for editors.")


class HitSerializer(serializers.Serializer[Any]):
    document_id = serializers.UUIDField(source="chunk.version.document_id")
    version = serializers.IntegerField(source="chunk.version.number")
    title = serializers.CharField(source="chunk.version.title")
    category = serializers.CharField(source="chunk.version.document.category.name", default=None, allow_null=True)
    collection = serializers.CharField(source="chunk.version.document.collection.slug")
    source_uri = serializers.CharField(source="chunk.version.document.source_uri")
    heading = serializers.CharField(source="chunk.heading")
    page = serializers.IntegerField(source="chunk.page", allow_null=True)
    chunk_id = serializers.CharField(source="chunk.id")
    text = serializers.CharField(source="chunk.text")
    char_start = serializers.IntegerField(source="chunk.start")
    char_end = serializers.IntegerField(source="chunk.end")
    score = serializers.FloatField()


class SearchSerializer(serializers.Serializer[Any]):
    query = serializers.CharField()
    results = HitSerializer(many=True)
    answerable = serializers.BooleanField(help_text="Whether an answer would be given; else it would be refused.")
    confidence = serializers.FloatField(
        help_text="That the results hold an answer, 0 to 1; 0.5 is the threshold as shipped."
    )
    mode = serializers.CharField(help_text="What was searched by: lexical where the embedder could not be reached.")
    took_ms = serializers.IntegerField()


class PassageSerializer(serializers.Serializer[Any]):
    """A passage that an answer would rest on."""

    document_id = serializers.UUIDField(source="version.document_id")
    version = serializers.IntegerField(source="version.number")
    title = serializers.CharField(source="version.title")
    heading = serializers.CharField(source="chunk.heading")
    page = serializers.IntegerField(source="chunk.page", allow_null=True)
    char_start = serializers.IntegerField(source="start")
    char_end = serializers.IntegerField(source="end")
    text = serializers.CharField()
    score = serializers.FloatField()


class KeptPassageSerializer(serializers.Serializer[Any]):
    """What a result remembers of a passage."""

    document_id = serializers.UUIDField()
    version = serializers.IntegerField()
    title = serializers.CharField()
    heading = serializers.CharField()
    page = serializers.IntegerField(allow_null=True)
    score = serializers.FloatField()


class QuestionRunSerializer(serializers.ModelSerializer[QuestionRun]):
    class Meta:
        model = QuestionRun
        fields = ["id", "at", "revision", "passed", "failed"]


class QuestionResultSerializer(serializers.ModelSerializer[QuestionResult]):
    question_id = serializers.UUIDField(allow_null=True, help_text="None: it has been deleted since.")
    sources = serializers.ListField(child=KeptPassageSerializer(), help_text="What would be answered from.")

    class Meta:
        model = QuestionResult
        fields = ["question_id", "text", "passed", "reason", "sources"]


class QuestionRunDetailSerializer(QuestionRunSerializer):
    results = QuestionResultSerializer(many=True, help_text="Those that failed come first.")

    class Meta(QuestionRunSerializer.Meta):
        fields = [*QuestionRunSerializer.Meta.fields, "results"]


class NearDocumentSerializer(serializers.Serializer[Any]):
    document_id = serializers.UUIDField()
    title = serializers.CharField()


class KnowledgeGapSerializer(serializers.ModelSerializer[KnowledgeGap]):
    nearest = serializers.ListField(
        child=NearDocumentSerializer(), help_text="The nearest documents that the asker could see, best first."
    )
    collections = serializers.ListField(
        child=serializers.CharField(), help_text="Slugs of the collections that were searched."
    )

    class Meta:
        model = KnowledgeGap
        fields = [
            "id", "question", "times", "not_helpful", "document", "first_asked", "last_asked", "confidence",
            "best_score", "nearest", "collections",
        ]  # fmt: skip


class GapGroupSerializer(serializers.Serializer[Group]):
    example = serializers.CharField(help_text="The question that is most like the others, masked.")
    examples = serializers.SerializerMethodField(help_text="Different wordings, masked; 20 at most.")
    gaps = serializers.ListField(child=serializers.IntegerField(), source="ids", help_text="Their ids.")
    times = serializers.IntegerField(help_text="How often these questions were refused.")
    not_helpful = serializers.IntegerField(help_text="How many answers to them are rated as not helpful.")
    first_asked = serializers.DateTimeField()
    last_asked = serializers.DateTimeField()
    nearest = NearDocumentSerializer(allow_null=True)
    document = serializers.UUIDField(source="draft.pk", default=None, allow_null=True, help_text="Is being written.")

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_examples(self, group: Group) -> list[str]:
        return group.examples[:20]


class IndexStateSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    count = serializers.IntegerField(allow_null=True, help_text="None: it cannot be reached.")
    lag = serializers.IntegerField(allow_null=True, help_text="Revisions yet to be taken in; None: to be built.")


class IndexCheckSerializer(serializers.Serializer[Any]):
    index = serializers.CharField(help_text="files, passages, vectors, or the name of an index.")
    started = serializers.DateTimeField()
    ended = serializers.DateTimeField()
    checked = serializers.IntegerField(help_text="How many files, passages or vectors were looked at.")
    counts = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Faults by kind: missing, orphaned, stale, duplicate, corrupt, unreachable.",
    )
    repaired = serializers.IntegerField()
    left = serializers.IntegerField(help_text="Faults that were not mended.")
    report = serializers.ListField(child=serializers.DictField(), help_text="The first 100 faults.")


class LastCheckSerializer(serializers.Serializer[Any]):
    ended = serializers.DateTimeField()
    faults = serializers.IntegerField()
    left = serializers.IntegerField(help_text="Faults that were not mended.")
    parts = IndexCheckSerializer(many=True)


class StatusSerializer(serializers.Serializer[Any]):
    embedder = serializers.CharField(allow_null=True)
    dimensions = serializers.IntegerField(allow_null=True)
    store = serializers.CharField(allow_null=True)
    revision = serializers.IntegerField()
    documents = serializers.IntegerField(help_text="Published ones.")
    chunks = serializers.IntegerField(help_text="Published ones.")
    versions = serializers.DictField(child=serializers.IntegerField(), help_text="How many are in each state.")
    indexes = IndexStateSerializer(many=True)
    last_check = LastCheckSerializer(allow_null=True, help_text="Each part's last check; null before the first.")
