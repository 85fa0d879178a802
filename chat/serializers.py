"""Conversations as JSON."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import prefetch_related_objects

from chat import tree
from chat.models import Citation, Message, Rating, Session
from chat.places import address_of
from chat.services import MOST_CHARACTERS
from rag.serializers import PassageSerializer
from utils import serializers
from utils.representing import all_represented


class SessionSerializer(serializers.ModelSerializer[Session]):
    message_count = serializers.IntegerField(read_only=True, default=0)

    class Meta:
        model = Session
        fields = ["id", "title", "created_at", "updated_at", "message_count"]
        extra_kwargs = {"title": {"required": False}}


class CitationSerializer(serializers.ModelSerializer[Citation]):
    url = serializers.SerializerMethodField(
        help_text="Where it can be read: an address of the web, or one that begins with / on this server; else empty."
    )

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
            "url",
            "char_start",
            "char_end",
            "text",
            "metadata",
        ]

    def get_url(self, citation: Citation) -> str:
        return address_of(citation)


class UsageSerializer(serializers.Serializer[Message]):
    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()


class MessageListSerializer(serializers.ListSerializer[Any]):
    """Asks for the siblings of all messages at once."""

    def to_representation(self, data: Any) -> list[Any]:
        messages = list(data)
        siblings_know(messages)
        return super().to_representation(messages)


def siblings_know(messages: Sequence[Message]) -> None:
    """Ask for the siblings of those that do not know them, of all at once."""
    unknown = [message for message in messages if message.siblings is None]
    siblings = tree.siblings_of(unknown) if unknown else {}
    for message in unknown:
        message.siblings = siblings[message.pk]


class MessageSerializer(serializers.ModelSerializer[Message]):
    session_id = serializers.UUIDField(read_only=True)
    parent_id = serializers.UUIDField(
        read_only=True, allow_null=True, help_text="What it comes after; null for a first message."
    )
    siblings = serializers.SerializerMethodField(
        help_text="This message and those beside it, by id in the order in which they were made; one is shown."
    )
    citations = CitationSerializer(many=True, read_only=True)
    usage = UsageSerializer(source="*", read_only=True)
    suggestions = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="At most three questions to go on with."
    )
    feedback = serializers.ChoiceField(
        choices=Rating.choices, source="feedback.rating", default=None, allow_null=True, read_only=True
    )

    class Meta:
        model = Message
        list_serializer_class = MessageListSerializer
        fields = [
            "id",
            "session_id",
            "parent_id",
            "siblings",
            "chosen",
            "sender_type",
            "content",
            "status",
            "timestamp",
            "citations",
            "grounded",
            "response_time_ms",
            "model",
            "usage",
            "suggestions",
            "feedback",
            "metadata",
        ]
        extra_kwargs = {"chosen": {"help_text": "Of its versions this one is shown.", "read_only": True}}

    def get_siblings(self, message: Message) -> list[UUID]:
        return tree.siblings_of([message])[message.pk] if message.siblings is None else message.siblings


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

    def to_representation(self, exchange: Any) -> dict[str, Any]:
        """Both at once: half the queries."""
        both = [exchange.question, exchange.answer]
        prefetch_related_objects(both, "citations", "feedback")
        siblings_know(both)
        user, bot = all_represented(MessageSerializer, both)
        return {"user_message": user, "bot_message": bot}


class MessagesQuerySerializer(serializers.Serializer[Any]):
    all = serializers.BooleanField(default=False, help_text="Every version of every message, not the shown ones only.")


class FeedbackSerializer(serializers.Serializer[Any]):
    feedback = serializers.ChoiceField(
        choices=Rating.choices, source="rating", allow_null=True, help_text="Null takes it back."
    )
    comment = serializers.CharField(required=False, allow_blank=True, max_length=2000)


class SearchQuerySerializer(serializers.Serializer[Any]):
    q = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=500,
        help_text="Words that must all be there, in upper or lower case; words in quotes must stand together.",
    )


class HistoryQuerySerializer(SearchQuerySerializer):
    page = serializers.IntegerField(default=1, min_value=1, max_value=100_000, help_text="Of both lists.")
    page_size = serializers.IntegerField(default=20, min_value=1, max_value=100)


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
