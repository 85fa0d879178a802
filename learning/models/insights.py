"""What learners are told of their own learning."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from learning.models.courses import Course, Topic


class InsightKind(models.TextChoices):
    STRUGGLING = "struggling", "Trouble with a topic"
    STALLED = "stalled", "A course that has come to a halt"
    STREAK = "streak", "Days in a row"
    READY = "ready", "Ready for the next level"


class Insight(models.Model):
    """A pattern in somebody's learning, with the figures that it rests on. Dismissed, it does not come again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="insights")
    kind = models.CharField(max_length=16, choices=InsightKind)
    subject = models.CharField(max_length=64, help_text="What it is about; once for each user and kind.")
    course = models.ForeignKey(Course, on_delete=models.CASCADE, null=True, related_name="insights")
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, null=True, related_name="insights")
    figures = models.JSONField(help_text="What it rests on, as it was when it was made.")
    at = models.DateTimeField(default=timezone.now, help_text="When it was last found.")
    dismissed_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "-at"], condition=models.Q(dismissed_at=None), name="insight_of_user"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "kind", "subject"], name="insight_unique_for_user"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.user}"
