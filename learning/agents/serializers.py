"""What agents are asked and what they answer, as JSON."""

from typing import Any

from drf_spectacular.utils import extend_schema_field

from chat.models import Rating
from learning.models import Difficulty, Interaction, Preferences
from utils import serializers

_LATEST = 400_000.0
"""Seconds."""
_MOST_TEXT = 5_000
LEVELS = {
    **{level.value: level for level in Difficulty},
    "beginner": Difficulty.EASY,
    "intermediate": Difficulty.MEDIUM,
    "advanced": Difficulty.HARD,
}


class LevelField(serializers.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=list(LEVELS), **kwargs)

    def to_internal_value(self, data: Any) -> Difficulty:
        return LEVELS[super().to_internal_value(data)]


class PartSerializer(serializers.Serializer[Any]):
    """By its words, by its times, or by both."""

    text = serializers.CharField(required=False, allow_blank=True, max_length=_MOST_TEXT)
    start = serializers.FloatField(required=False, min_value=0, max_value=_LATEST)
    end = serializers.FloatField(required=False, min_value=0, max_value=_LATEST)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        start, end = attrs.get("start"), attrs.get("end")
        if not attrs.get("text", "").strip() and start is None:
            raise serializers.ValidationError({"text": "Give the words, or when they are said."})
        if end is not None and (start is None or end < start):
            raise serializers.ValidationError({"end": "It ends before it begins."})
        return attrs


_SECONDS = {"type": "number", "minimum": 0, "maximum": _LATEST}


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "maxLength": _MOST_TEXT},
            {
                "type": "object",
                "properties": {
                    "text": {"type": "string", "maxLength": _MOST_TEXT},
                    "start": {**_SECONDS, "description": "Seconds from the beginning."},
                    "end": _SECONDS,
                },
            },
        ]
    }
)
class PartField(serializers.Field[Any, Any, Any, Any]):
    """The words alone, or an object."""

    def to_internal_value(self, data: Any) -> Any:
        return serializers.valid(PartSerializer(data={"text": data} if isinstance(data, str) else data))

    def to_representation(self, value: Any) -> Any:
        return value


class HintAskedSerializer(serializers.Serializer[Any]):
    video_id = serializers.IntegerField(min_value=1)
    timestamp = serializers.FloatField(min_value=0, max_value=_LATEST, help_text="Where the learner is, in seconds.")
    transcript_segment = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=_MOST_TEXT, help_text="What is said there."
    )
    user_difficulty = LevelField(required=False, default=Difficulty.MEDIUM)


class QuizAskedSerializer(serializers.Serializer[Any]):
    video_id = serializers.IntegerField(min_value=1)
    transcript_segments = serializers.ListField(
        child=PartField(), min_length=1, max_length=20, help_text="The parts of the video to ask about."
    )
    difficulty_level = LevelField(required=False, default=Difficulty.MEDIUM)


def _concepts(**kwargs: Any) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=200), required=False, default=list, max_length=20, **kwargs
    )


class ReflectAskedSerializer(serializers.Serializer[Any]):
    video_id = serializers.IntegerField(min_value=1)
    completed_topics = _concepts()
    learning_objectives = _concepts(help_text="Those of the video's topic where none are given.")


class PathAskedSerializer(serializers.Serializer[Any]):
    current_course_id = serializers.IntegerField(min_value=1)
    struggling_concepts = _concepts()
    completed_concepts = _concepts()
    learning_goals = _concepts()


class _AnswerSerializer(serializers.Serializer[Interaction]):
    """What all answers of agents have."""

    id = serializers.IntegerField(help_text="To rate it by; of a quiz, to answer it by.")
    tokens_used = serializers.SerializerMethodField(help_text="Of a provider; 0 where nothing was written anew.")
    model = serializers.CharField(help_text="extractive: made without a model.")
    cached = serializers.BooleanField(help_text="It was written for the same request before.")

    def get_tokens_used(self, interaction: Interaction) -> int:
        return interaction.prompt_tokens + interaction.completion_tokens


class PlaceSerializer(serializers.Serializer[Any]):
    """Where in a video something is said."""

    video_id = serializers.IntegerField()
    start = serializers.FloatField(allow_null=True, help_text="Seconds; null where it is not known.")
    end = serializers.FloatField(allow_null=True)
    text = serializers.CharField()
    quote = serializers.CharField(required=False, help_text="Of a quiz: the words that the right option rests on.")


class HintSerializer(_AnswerSerializer):
    hint = serializers.CharField(source="output.hint")
    confidence = serializers.FloatField(
        source="output.confidence", help_text="The share of its words that the video says there, 0 to 1."
    )
    sources = PlaceSerializer(source="output.sources", many=True)


class QuizSerializer(_AnswerSerializer):
    question = serializers.CharField(source="output.question")
    options = serializers.ListField(source="output.options", child=serializers.CharField(), min_length=4, max_length=4)
    correctAnswer = serializers.IntegerField(source="output.correctAnswer", min_value=0, max_value=3)
    explanation = serializers.CharField(source="output.explanation")
    difficulty = serializers.ChoiceField(source="output.difficulty", choices=Difficulty.choices)
    sources = PlaceSerializer(source="output.sources", many=True)


class ReflectionSerializer(_AnswerSerializer):
    prompt = serializers.CharField(source="output.prompt")
    guidingQuestions = serializers.ListField(
        source="output.guidingQuestions", child=serializers.CharField(), min_length=3, max_length=3
    )
    expectedLength = serializers.CharField(source="output.expectedLength")


class ContentSerializer(serializers.Serializer[Any]):
    course_id = serializers.IntegerField()
    course_title = serializers.CharField()
    topic_id = serializers.IntegerField()
    topic_title = serializers.CharField()
    reason = serializers.CharField()


class PathSerializer(_AnswerSerializer):
    detectedIssues = serializers.ListField(source="output.detectedIssues", child=serializers.CharField())
    recommendedContent = ContentSerializer(source="output.recommendedContent", many=True)
    nextSteps = serializers.ListField(source="output.nextSteps", child=serializers.CharField())


class InteractionSerializer(serializers.ModelSerializer[Interaction]):
    video_id = serializers.IntegerField(read_only=True, allow_null=True)
    topic_id = serializers.IntegerField(read_only=True, allow_null=True)
    rating = serializers.SerializerMethodField()

    class Meta:
        model = Interaction
        fields = [
            "id",
            "agent",
            "video_id",
            "topic_id",
            "output",
            "model",
            "prompt_tokens",
            "completion_tokens",
            "duration_ms",
            "cached",
            "at",
            "chosen",
            "correct",
            "answered_at",
            "rating",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=Rating.choices, allow_null=True))
    def get_rating(self, interaction: Interaction) -> str | None:
        return interaction.rating or None


class QuizAnswerSerializer(serializers.Serializer[Any]):
    chosen = serializers.IntegerField(min_value=0, max_value=3, help_text="The index of the option.")


class QuizOutcomeSerializer(serializers.Serializer[Interaction]):
    id = serializers.IntegerField()
    chosen = serializers.IntegerField()
    correct = serializers.BooleanField()
    correctAnswer = serializers.IntegerField(source="output.correctAnswer")
    explanation = serializers.CharField(source="output.explanation")


class RatingSerializer(serializers.Serializer[Any]):
    rating = serializers.ChoiceField(choices=Rating.choices, allow_null=True, help_text="Null takes it back.")


class PreferencesSerializer(serializers.ModelSerializer[Preferences]):
    class Meta:
        model = Preferences
        fields = ["personality", "length", "quiz_frequency", "language"]

    def validate_language(self, value: str) -> str:
        parts = value.split("-")
        if value and not (
            value.isascii() and all(part.isalnum() for part in parts) and 2 <= len(parts[0]) <= 3 and parts[0].isalpha()
        ):
            raise serializers.ValidationError("A code such as en or pt-BR.")
        return value
