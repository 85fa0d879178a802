"""Insights as JSON."""

from typing import Any

from drf_spectacular.utils import extend_schema_field

from learning.insights.telling import told
from learning.models import Agent, Insight, InsightKind, Interaction
from utils import serializers


class EvidenceSerializer(serializers.Serializer[Interaction]):
    """An answer of an agent that the insight rests on."""

    id = serializers.IntegerField()
    agent = serializers.ChoiceField(choices=Agent.choices)
    at = serializers.DateTimeField()
    correct = serializers.BooleanField(allow_null=True)


class InsightSerializer(serializers.ModelSerializer[Insight]):
    kind = serializers.ChoiceField(choices=InsightKind.choices, read_only=True)
    title = serializers.SerializerMethodField()
    explanation = serializers.SerializerMethodField(help_text="What it rests on, in words.")
    action = serializers.SerializerMethodField(help_text="What can be done.")
    course_id = serializers.IntegerField(read_only=True, allow_null=True)
    topic_id = serializers.IntegerField(read_only=True, allow_null=True)
    figures = serializers.DictField(read_only=True, help_text="What it rests on, in numbers, by the kind.")
    evidence = serializers.SerializerMethodField(help_text="The latest of the answers that it rests on.")

    class Meta:
        model = Insight
        fields = [
            "id",
            "kind",
            "title",
            "explanation",
            "action",
            "course_id",
            "topic_id",
            "figures",
            "evidence",
            "at",
        ]
        read_only_fields = fields

    def get_title(self, insight: Insight) -> str:
        return told(insight).title

    def get_explanation(self, insight: Insight) -> str:
        return told(insight).explanation

    def get_action(self, insight: Insight) -> str:
        return told(insight).action

    @extend_schema_field(EvidenceSerializer(many=True))
    def get_evidence(self, insight: Insight) -> list[dict[str, Any]]:
        rows = self.context.get("evidence", {}).get(insight.pk, [])
        found: Any = EvidenceSerializer(rows, many=True).data
        return list(found)


class StruggleSerializer(serializers.Serializer[Any]):
    topic_id = serializers.IntegerField()
    topic_title = serializers.CharField()
    learners = serializers.IntegerField(help_text="Who asked for a hint or answered a quiz.")
    hints = serializers.IntegerField(allow_null=True, help_text="Null: fewer than five learners are behind it.")
    answers = serializers.IntegerField(allow_null=True)
    wrong_answers = serializers.IntegerField(allow_null=True)
    learners_with_wrong_answers = serializers.IntegerField(allow_null=True)


class StrugglesSerializer(serializers.Serializer[Any]):
    since = serializers.DateTimeField()
    topics = StruggleSerializer(many=True)
    suppressed = serializers.IntegerField(help_text="Topics left out: fewer than five learners were active in them.")
