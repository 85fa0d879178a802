"""Who takes which course, and how far they have come."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone

from learning.models.courses import Course, Topic


class EnrolmentStatus(models.TextChoices):
    ACTIVE = "active"
    COMPLETED = "completed"
    DROPPED = "dropped"


class Enrolment(models.Model):
    """Members of a course are who is enrolled and has not dropped it."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="enrolments")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="enrolments")
    status = models.CharField(max_length=16, choices=EnrolmentStatus, default=EnrolmentStatus.ACTIVE)
    progress = models.PositiveSmallIntegerField(
        default=0,
        validators=[MaxValueValidator(100)],
        help_text="Per cent of the topics that are completed, whole numbers, rounded down.",
    )
    enrolled_at = models.DateTimeField(default=timezone.now)
    completed_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-enrolled_at", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["course", "status"], name="enrolment_of_course"),
            models.Index(fields=["user", "-enrolled_at"], name="enrolment_of_user"),
            models.Index(fields=["-enrolled_at"], name="enrolment_latest"),
            models.Index(fields=["status"], name="enrolment_by_status"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["course", "user"], name="enrolment_unique_for_course_and_user"),
            models.CheckConstraint(condition=models.Q(progress__lte=100), name="enrolment_progress_of_hundred"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.course}"


class TopicCompletion(models.Model):
    """That a learner has mastered a topic."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="completions")
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="completions")
    score = models.FloatField(null=True, help_text="Share of the tutor's questions that were answered right, 0 to 1.")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar[list[str]] = ["-at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["enrolment", "topic"], name="completion_unique_for_enrolment_and_topic"),
        ]


class Certificate(models.Model):
    """That somebody has completed a course: it outlives the course, and says what that was called."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="certificates")
    course = models.ForeignKey(Course, on_delete=models.SET_NULL, null=True, related_name="certificates")
    course_title = models.CharField(max_length=200)
    issued_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar[list[str]] = ["-issued_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "course"], name="certificate_unique_for_user_and_course"),
        ]

    def __str__(self) -> str:
        return self.course_title


class Tier(models.TextChoices):
    """Of a subscription."""

    FREE = "free"
    PLUS = "plus"
    PRO = "pro"


class Learner(models.Model):
    """What the courses know of an account. Made when it is first needed."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="learner"
    )
    tier = models.CharField(max_length=8, choices=Tier, default=Tier.FREE)
    xp = models.PositiveIntegerField("experience points", default=0)
    streak_days = models.PositiveIntegerField(default=0, help_text="Days in a row, to the last active one.")
    longest_streak_days = models.PositiveIntegerField(default=0)
    active_on = models.DateField(null=True, help_text="The last day, in UTC, on which something was completed.")

    def __str__(self) -> str:
        return str(self.user)
