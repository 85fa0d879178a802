"""A replay as JSON. It shows one answer and nothing else of its conversation."""

from typing import Any

from chat.staleness import StaleAnswer
from utils import serializers


class FateSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=["current", "superseded", "withdrawn", "deleted"], source="fate.state")
    moved = serializers.BooleanField(source="fate.moved", help_text="It is in another collection now.")
    published_version = serializers.IntegerField(source="fate.published", allow_null=True)
    same_text = serializers.BooleanField(
        source="fate.same_text", allow_null=True, help_text="Whether it stands in the published version word for word."
    )


class ReplayedPassageSerializer(FateSerializer):
    chunk_id = serializers.CharField(source="traced.chunk_id")
    document_id = serializers.UUIDField(source="traced.document_id")
    version = serializers.IntegerField(source="traced.version")
    collection_id = serializers.UUIDField(source="traced.collection_id", help_text="Where it was then.")
    title = serializers.CharField(source="chunk.version.title", default=None, allow_null=True)
    heading = serializers.CharField(source="chunk.heading", default=None, allow_null=True)
    page = serializers.IntegerField(source="chunk.page", default=None, allow_null=True)
    char_start = serializers.IntegerField(source="chunk.start", default=None, allow_null=True)
    char_end = serializers.IntegerField(source="chunk.end", default=None, allow_null=True)
    text = serializers.CharField(
        source="chunk.text", default=None, allow_null=True, help_text="Null where the document has been deleted."
    )
    marker = serializers.IntegerField(
        source="traced.marker", allow_null=True, help_text="In the prompt; null where it was not in it."
    )
    cited = serializers.SerializerMethodField()
    score = serializers.FloatField(source="traced.score")
    cosine = serializers.FloatField(source="traced.cosine")
    lexical = serializers.FloatField(source="traced.lexical")
    place_again = serializers.IntegerField(allow_null=True)
    score_again = serializers.FloatField(allow_null=True)

    def get_cited(self, passage: Any) -> bool:
        return passage.citation is not None


class FoundAgainSerializer(serializers.Serializer[Any]):
    chunk_id = serializers.CharField(source="chunk.pk")
    document_id = serializers.UUIDField(source="chunk.version.document_id")
    version = serializers.IntegerField(source="chunk.version.number")
    title = serializers.CharField(source="chunk.version.title")
    score = serializers.FloatField()


class NoteSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()


class ReplaySerializer(serializers.Serializer[Any]):
    message_id = serializers.UUIDField(source="message.pk")
    timestamp = serializers.DateTimeField(source="message.timestamp")
    question = serializers.CharField(source="trace.search.question", help_text="As it was searched for.")
    content = serializers.CharField(source="message.content")
    grounded = serializers.BooleanField(source="message.grounded")
    confidence = serializers.FloatField(source="trace.confidence", help_text="The best score then.")
    model = serializers.CharField(source="message.model")
    prompt_hash = serializers.CharField(source="trace.prompt_hash")
    system_hash = serializers.CharField(source="trace.system_hash")
    revision = serializers.IntegerField(source="trace.revision")
    mode = serializers.CharField(source="trace.search.mode")
    answerable = serializers.BooleanField(source="trace.search.answerable")
    scope = serializers.DictField(source="trace.search.scope")
    settings = serializers.DictField(source="trace.search.settings")
    settings_changed = serializers.DictField(help_text="Those that are different now: `then` and `now`.")
    passages = ReplayedPassageSerializer(many=True, help_text="All that were considered for the context, best first.")
    stale = serializers.BooleanField(help_text="Whether a source of the answer has changed since.")
    again = FoundAgainSerializer(many=True, help_text="What the search finds, done again as of then.")
    again_answerable = serializers.BooleanField(source="answerable_again")
    same = serializers.BooleanField(help_text="Whether the same passages come in the same order.")
    notes = NoteSerializer(many=True, help_text="In what the search done again differs from that of then.")


class StaleSourceSerializer(FateSerializer):
    marker = serializers.IntegerField(source="citation.marker")
    document_id = serializers.UUIDField(source="citation.document_id")
    version = serializers.IntegerField(source="citation.version")
    title = serializers.CharField(source="citation.title")


class StaleAnswerSerializer(serializers.Serializer[StaleAnswer]):
    message_id = serializers.UUIDField(source="message.pk")
    timestamp = serializers.DateTimeField(source="message.timestamp")
    sources = serializers.SerializerMethodField()

    def get_sources(self, answer: StaleAnswer) -> list[dict[str, Any]]:
        rows = [{"citation": citation, "fate": fate} for citation, fate in answer.sources]
        return list(StaleSourceSerializer(rows, many=True).data)
