"""Single questions as JSON, in the form of the systems before this one."""

from typing import Any

from chat.assistant import MOST_CHARACTERS
from chat.models import Message, Rating, Status, ToolCall
from chat.serializers import CitationSerializer
from utils import serializers


class QuerySerializer(serializers.Serializer[Any]):
    query = serializers.CharField(max_length=MOST_CHARACTERS)


class FunctionCallSerializer(serializers.ModelSerializer[ToolCall]):
    args = serializers.JSONField(source="arguments")

    class Meta:
        model = ToolCall
        fields = ["name", "args", "outcome"]


class QueryAnswerSerializer(serializers.Serializer[Message]):
    message_id = serializers.UUIDField(source="pk", help_text="For `feedback/`.")
    response = serializers.CharField(source="content")
    function_calls = FunctionCallSerializer(many=True, source="tool_calls")
    response_time_ms = serializers.IntegerField(allow_null=True)
    citations = CitationSerializer(many=True)
    grounded = serializers.BooleanField()
    status = serializers.ChoiceField(choices=Status.choices)


class PastQuerySerializer(serializers.Serializer[Message]):
    id = serializers.UUIDField(source="pk", help_text="For `feedback/`.")
    query = serializers.CharField(source="parent.content")
    response = serializers.CharField(source="content")
    created_at = serializers.DateTimeField(source="timestamp")
    feedback = serializers.ChoiceField(
        choices=Rating.choices, source="feedback.rating", default=None, allow_null=True, read_only=True
    )
    function_calls = FunctionCallSerializer(many=True, source="tool_calls")


class PastQueriesSerializer(serializers.Serializer[Any]):
    messages = PastQuerySerializer(many=True)


class PastQueriesLimitSerializer(serializers.Serializer[Any]):
    limit = serializers.IntegerField(default=50, min_value=1, max_value=500, help_text="The latest so many.")


class AssistantFeedbackSerializer(serializers.Serializer[Any]):
    feedback = serializers.ChoiceField(choices=Rating.choices, source="rating")


class SuccessSerializer(serializers.Serializer[Any]):
    status = serializers.CharField()
