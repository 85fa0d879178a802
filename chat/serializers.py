"""Conversations as JSON."""

from typing import Any

from rest_framework import serializers

from chat.models import Citation, Message, Session
from chat.services import MOST_CHARACTERS
from rag.serializers import PassageSerializer


class SessionSerializer(serializers.ModelSerializer[Session]):
    message_count = serializers.IntegerField(read_only=True, default=0)

    class Meta:
        model = Session
        fields = ["id", "title", "created_at", "updated_at", "message_count"]
        extra_kwargs = {"title": {"required": False}}


class CitationSerializer(serializers.ModelSerializer[Citation]):
    class Meta:
        model = Citation
        fields = [
            "marker",
            "chunk_id",
            "document_id",
            "version",
            "title",
            "heading",
            "page",
            "source_uri",
            "char_start",
            "char_end",
            "text",
        ]


class UsageSerializer(serializers.Serializer[Message]):
    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()


class MessageSerializer(serializers.ModelSerializer[Message]):
    session_id = serializers.UUIDField(read_only=True)
    citations = CitationSerializer(many=True, read_only=True)
    usage = UsageSerializer(source="*", read_only=True)

    class Meta:
        model = Message
        fields = [
            "id",
            "session_id",
            "sender_type",
            "content",
            "status",
            "timestamp",
            "citations",
            "grounded",
            "response_time_ms",
            "model",
            "usage",
            "metadata",
        ]


class ContentField(serializers.CharField):
    """A question: 1 to 4,000 characters, white space around it aside."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MOST_CHARACTERS, **options)


class QuestionSerializer(serializers.Serializer[Any]):
    content = ContentField()


class FreeQuestionSerializer(QuestionSerializer):
    session_id = serializers.UUIDField(required=False, allow_null=True, help_text="None: a session is made.")


class ExchangeSerializer(serializers.Serializer[Any]):
    user_message = MessageSerializer(source="question")
    bot_message = MessageSerializer(source="answer")


class HistorySerializer(serializers.Serializer[Any]):
    sessions = SessionSerializer(many=True)
    recent_messages = MessageSerializer(many=True)
    total_sessions = serializers.IntegerField()
    total_messages = serializers.IntegerField()


class ImpactQuerySerializer(serializers.Serializer[Any]):
    recent = serializers.IntegerField(min_value=0, max_value=200, default=30)


class EffectSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(source="asked.text")
    kind = serializers.ChoiceField(choices=["golden", "recent"], source="asked.kind")
    before = PassageSerializer(many=True, help_text="What is answered from now; empty: it is refused.")
    after = PassageSerializer(many=True, help_text="What would be answered from; empty: it would be refused.")


class ImpactSerializer(serializers.Serializer[Any]):
    asked = serializers.IntegerField(help_text="Questions that were looked at.")
    effects = EffectSerializer(many=True, help_text="Those that would get other passages.")
