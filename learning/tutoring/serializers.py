"""Tutoring as JSON."""

from typing import Any

from drf_spectacular.utils import extend_schema_field

from chat.services import MOST_CHARACTERS
from learning.models import TutoringMessage, TutoringSession
from learning.models.tutoring import LONGEST_KEY
from learning.tutoring.boundaries import curriculum
from learning.tutoring.selectors import messages_of
from utils import serializers
from utils.representing import all_represented

_KEY = {"oneOf": [{"type": "integer", "minimum": 1}, {"type": "string", "maxLength": LONGEST_KEY}]}


@extend_schema_field(_KEY)
class KeyField(serializers.Field[str, Any, Any, Any]):
    """An id of the curriculum: a number where it lives here, else whatever text or number it is there."""

    default_error_messages = {
        "invalid": "A number or a text is wanted.",
        "long": f"At most {LONGEST_KEY} characters are wanted.",
    }

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, bool) or not isinstance(data, int | str):
            self.fail("invalid")
        text = str(data).strip()
        if not text or not text.isprintable():
            self.fail("invalid")
        if len(text) > LONGEST_KEY:
            self.fail("long")
        return text

    def to_representation(self, value: str) -> Any:
        numbered = curriculum().numbered and value.isascii() and value.isdecimal()
        return int(value) if numbered else value


class TutoringStartSerializer(serializers.Serializer[Any]):
    user_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="Your own, as `me/` tells it.")
    topic_id = KeyField()
    course_id = KeyField()


class TutoringSessionSerializer(serializers.ModelSerializer[TutoringSession]):
    user_id = serializers.IntegerField(read_only=True)
    topic_id = KeyField(source="topic_key", read_only=True)
    course_id = KeyField(source="course_key", read_only=True)

    class Meta:
        model = TutoringSession
        fields = ["id", "user_id", "topic_id", "course_id", "status", "started_at", "completed_at"]


class LearnerMessageSerializer(serializers.Serializer[Any]):
    message = serializers.CharField(max_length=MOST_CHARACTERS)


class ReplySerializer(serializers.Serializer[TutoringMessage]):
    session_id = serializers.UUIDField()
    ai_message = serializers.CharField(source="content")
    topic_completed = serializers.BooleanField(source="completed")
    timestamp = serializers.DateTimeField()


class TutoringMessageSerializer(serializers.ModelSerializer[TutoringMessage]):
    class Meta:
        model = TutoringMessage
        fields = ["id", "sender_type", "content", "timestamp", "model"]


class TutoringContextSerializer(serializers.Serializer[Any]):
    """As it was when the session was started."""

    user_level = serializers.CharField()
    course_title = serializers.CharField()
    topic_title = serializers.CharField()
    learning_objectives = serializers.ListField(child=serializers.CharField())
    completed_topics = serializers.ListField(child=serializers.CharField())
    struggles = serializers.ListField(child=serializers.CharField())


class TutoringDetailSerializer(TutoringSessionSerializer):
    context = TutoringContextSerializer(source="snapshot")  # type: ignore[assignment]  # REST framework's own is another
    messages = serializers.SerializerMethodField()

    class Meta(TutoringSessionSerializer.Meta):
        fields = [*TutoringSessionSerializer.Meta.fields, "context", "messages"]

    @extend_schema_field(TutoringMessageSerializer(many=True))
    def get_messages(self, session: TutoringSession) -> list[dict[str, Any]]:
        return all_represented(TutoringMessageSerializer, messages_of(session))
