"""How jobs and their runs look over the API."""

from typing import Any

from background_tasks.models import JobRun
from background_tasks.overview import JobOverview, run_outlook
from utils import serializers


class JobRunSerializer(serializers.ModelSerializer[JobRun]):
    duration_seconds = serializers.SerializerMethodField(help_text="Of the last attempt; null: it has not ended.")

    class Meta:
        model = JobRun
        fields = (
            "id",
            "job",
            "slot",
            "by_hand",
            "state",
            "attempt",
            "started_at",
            "ended_at",
            "duration_seconds",
            "due_at",
            "counts",
            "error",
        )

    def get_duration_seconds(self, run: JobRun) -> float | None:
        return round((run.ended_at - run.started_at).total_seconds(), 3) if run.ended_at else None


class AskedRunSerializer(JobRunSerializer):
    detail = serializers.SerializerMethodField(help_text="When it begins; empty where it has begun.")

    class Meta(JobRunSerializer.Meta):
        fields = (*JobRunSerializer.Meta.fields, "detail")  # type: ignore[assignment]

    def get_detail(self, run: JobRun) -> str:
        return run_outlook(run)


class ScheduledJobSerializer(serializers.Serializer[JobOverview]):
    name = serializers.CharField()
    title = serializers.CharField()
    schedule = serializers.CharField(help_text="Minute, hour, day, month and weekday in UTC, as cron has them, or off.")
    next_at = serializers.DateTimeField(allow_null=True, help_text="When it runs next; null: it is off.")
    last_runs: Any = JobRunSerializer(many=True, help_text="The last five, the newest first.")
